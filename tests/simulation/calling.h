// How the functions of sim_winsock.h begin and end. [MS] in their files is Microsoft's page of the
// function, [WT] what Wine's tests say of Windows, [WS] Wine's source, [T] measured with Wine 8.0.
#pragma once

#include "network.h"

namespace sim::winsock
{
constexpr long kConnectionEvents = FD_READ | FD_WRITE | FD_CLOSE;

// Counts the call, lets the peers act, and begins its record.
CallRecord& Enter(Call call, Connection* connection = nullptr);
// A call about a socket, with the number that its record has. Null: it has failed.
Object* EnterSocket(Call call, SOCKET s, int number = 0);

// The call is through. Its record is told, with this result.
int Succeed(int result = 0);
void Failed(int code, Connection* connection);
template <typename Result = int>
Result Fail(int code, Connection* connection = nullptr, Result result = SOCKET_ERROR)
{
	Failed(code, connection);
	return result;
}

// Whether a fault makes the call fail, with one of these codes.
bool Fails(Fault fault, std::initializer_list<int> codes, Connection* connection = nullptr);
bool StartFails(std::initializer_list<int> codes);
// The same for WSAEventSelect() and WSAAsyncSelect(): at the start, or of one client.
bool SelectionFails(const Object& socket);
// And what both do in the end.
int Selected(Object& socket, long mask);

} // namespace sim::winsock
