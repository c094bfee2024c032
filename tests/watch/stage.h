// The stage: a reader decides what the clients do, and everything that happens is told on a tape.
#pragma once

#include "model.h"

#include <string>

namespace sim
{
// A server that can be watched.
struct Server
{
	const char* id; // "03_select", or of the erratum that is put back: "E03-1"
	int model;      // from 1
	int (*run)();
};

// The five, and then those with an erratum, in the order of the page's data.
extern const Server kServers[];
extern const int kServerCount;

// What a tape depends on. The same show is the same tape, on any machine.
struct Show
{
	const Server& server;
	Platform platform;
	int sendBuffer; // bytes
	bool everyLine; // a step for lines without a call, too
	// What the clients and the system do. An act comes when nothing else happens any more; behind a
	// comma, together with the one before; behind a number, before that step.
	//   "A+|B+,Ahello|7B#500"   a letter is a client, and @27: is the 27th; then
	//     +  connects        .  half-closes      !  resets       /  closes
	//     -  does not read   =  reads again      #N sends N bytes
	//     a text: sends it; "text: sends it whatever it is; \ keeps the character behind it
	//   *N  N clients connect    ^hello  the newest client sends    $  the user closes the window
	//   ~   the next send() takes a part      ?  the next accept() has no room
	//   %F  the next call F fails, %F:CODE with this code (acts.cpp has the list)
	const char* acts;
};

// A JSON array of steps, one to a line: README.md says what they hold.
std::string Tape(const Show& show);

// In parts, for those who cannot catch Done: Begin() ends with Stop().
void Begin(const Show& show);
const char* Finish();

} // namespace sim
