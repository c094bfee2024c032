// As the simulation's, and the thread tells at which line it is. These macros take no arguments:
// __LINE__ in one that does is the last line of a call over several.
#include "../../simulation/fake/ws2tcpip.h"

#define WSAStartup (::sim::Calls(__LINE__), WSAStartup)
#define WSACleanup (::sim::Calls(__LINE__), WSACleanup)
#define socket (::sim::Calls(__LINE__), socket)
#define setsockopt (::sim::Calls(__LINE__), setsockopt)
#define ioctlsocket (::sim::Calls(__LINE__), ioctlsocket)
#define bind (::sim::Calls(__LINE__), bind)
#define listen (::sim::Calls(__LINE__), listen)
#define getsockname (::sim::Calls(__LINE__), getsockname)
#define getpeername (::sim::Calls(__LINE__), getpeername)
#define accept (::sim::Calls(__LINE__), accept)
#define recv (::sim::Calls(__LINE__), recv)
#define send (::sim::Calls(__LINE__), send)
#define closesocket (::sim::Calls(__LINE__), closesocket)
#define select (::sim::Calls(__LINE__), select)
#define WSACreateEvent (::sim::Calls(__LINE__), WSACreateEvent)
#define WSACloseEvent (::sim::Calls(__LINE__), WSACloseEvent)
#define WSASetEvent (::sim::Calls(__LINE__), WSASetEvent)
#define WSAResetEvent (::sim::Calls(__LINE__), WSAResetEvent)
#define WSAEventSelect (::sim::Calls(__LINE__), WSAEventSelect)
#define WSAEnumNetworkEvents (::sim::Calls(__LINE__), WSAEnumNetworkEvents)
#define WSAWaitForMultipleEvents (::sim::Calls(__LINE__), WSAWaitForMultipleEvents)
#define WSAAsyncSelect (::sim::Calls(__LINE__), WSAAsyncSelect)
#define RegisterClass (::sim::Calls(__LINE__), RegisterClass)
#define CreateWindowW (::sim::Calls(__LINE__), CreateWindowW)
#define GetMessage (::sim::Calls(__LINE__), GetMessage)
#define DispatchMessage (::sim::Calls(__LINE__), DispatchMessage)
#define PostMessage (::sim::Calls(__LINE__), PostMessage)
#define Sleep (::sim::Calls(__LINE__), Sleep)
#define exit (::sim::Calls(__LINE__), exit)
#define wprintf (::sim::Calls(__LINE__), wprintf)

// A line without a call, where the reader wants each.
#define if if (::sim::Passes(__LINE__, __func__)) {} else if
#define switch if (::sim::Passes(__LINE__, __func__)) {} else switch
#define while(...) while (::sim::Passes(__LINE__, __func__) || (__VA_ARGS__))
#define return if (::sim::Passes(__LINE__, __func__)) {} else return
#define goto if (::sim::Passes(__LINE__, __func__)) {} else goto
#define continue if (::sim::Passes(__LINE__, __func__)) {} else continue
#define break if (::sim::Passes(__LINE__, __func__)) {} else break
#define printf if (::sim::Passes(__LINE__, __func__)) {} else printf
