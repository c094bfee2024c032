// A server in a process of its own, whose output can be read at any time. It cannot outlive the
// program that started it. Errors: see connection.h.
#pragma once

#include "deadline.h"
#include "models.h"

#include <windows.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace echo
{
// An argument of main(), which Windows gives in the ANSI code page, as Unicode: a path on the
// command line with Korean in it opens the right file.
std::wstring WideArgument(const std::string& argument);

// Whether a TCP socket listens on the port at any IPv4 address of this machine; nothing where the
// system does not tell. No connection is made.
std::optional<bool> SomebodyListens(std::uint16_t port);

// "exit code 3", "exit code 0xC0000005"
std::string ExitCode(DWORD code);

// Processor time that the thread has used so far, user and kernel together; 0 for no thread.
std::chrono::microseconds CpuTimeOf(HANDLE thread);

struct HandleCloser
{
	void operator()(HANDLE handle) const
	{
		CloseHandle(handle);
	}
};

// A handle that closes itself.
using UniqueHandle = std::unique_ptr<void, HandleCloser>;

class ServerProcess
{
public:
	// Starts `executable` with `arguments` (quoted so that the program sees them as given; in the
	// ANSI code page, as main's argv is). stdin is `input`, a handle that can be inherited and
	// stays the caller's; null: it is empty (NUL). stdout and stderr go to a private temporary file
	// each, so that logging never blocks the server and a line is readable as soon as it is
	// written; the files vanish with this object. The program has no console, inherits these
	// three handles only, shows no dialog box when it crashes, and is ended by the system
	// when this program ends, in whatever way (job object). Throws std::runtime_error when it
	// cannot be started.
	explicit ServerProcess(const std::filesystem::path& executable,
		const std::vector<std::string>& arguments = {}, HANDLE input = nullptr);
	~ServerProcess()
	{
		Stop();
	}
	ServerProcess(ServerProcess&&) noexcept = default;
	ServerProcess& operator=(ServerProcess&&) = delete;

	// Waits for the line `[TCP Server] Listening: IP=..., port=N` and returns N. Throws
	// std::runtime_error when the process ends first, with its exit code and stderr, or when the
	// deadline passes.
	std::uint16_t WaitListening(Deadline deadline);

	// For a program that prints no such line: waits until the system lists a socket that listens on
	// the port, so that the server's first client is a real one. One that the list does not show
	// within 7 s (a socket of IPv6 that takes IPv4 as well) is asked by a connect to host:port,
	// closed at once. Nothing tells whose port it is: it must have been free before. Throws like
	// WaitListening.
	void WaitAccepting(const std::string& host, std::uint16_t port, Deadline deadline);

	// Waits for the process to end by itself. Returns its exit code, nothing when the deadline
	// passes.
	std::optional<DWORD> WaitExit(Deadline deadline) const;

	bool Running() const;

	// Ends the process (exit code 1) if it runs, and waits until it has gone. Its output stays
	// readable.
	void Stop();

	// All it has written so far, CR LF as it is.
	std::string Stdout() const;
	std::string Stderr() const;
	std::uint64_t StdoutSize() const; // of Stdout(), bytes

	DWORD Pid() const
	{
		return pid_;
	}

	// Processor time that its threads have used so far, user and kernel together. A thread that has
	// ended does not count, nor does any after the end of the process.
	std::chrono::microseconds CpuTime() const;

	struct Memory
	{
		std::size_t workingSet;   // bytes in physical memory
		std::size_t privateBytes; // bytes committed that no other process shares; Wine 8: always 0
	};
	Memory MemoryUse() const; // zeros after the end

	// Open handles of the process. Wine 8 does not count them: always 0 there.
	unsigned HandleCount() const;

	// Its visible top-level windows.
	std::vector<HWND> Windows() const;

private:
	std::runtime_error NotListening(const std::string& waitedFor) const;

	UniqueHandle job_;
	UniqueHandle stdout_;
	UniqueHandle stderr_;
	UniqueHandle process_;
	DWORD pid_ = 0;
	std::string name_;
};

} // namespace echo
