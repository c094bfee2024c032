// Stands in for the system's <ws2tcpip.h> when a server is compiled for the simulation. It stands
// first in the servers' include directives, so what it does to these names holds in them. The
// functions have been declared: see model.cpp.
#undef stdout
#undef stderr
#undef putc
#undef putchar
#define stdout sim::winsock::out
#define stderr sim::winsock::error
#define new sim::winsock::heap->*new
#define delete sim::winsock::heap =

#ifdef UNICODE
#define CreateWindow CreateWindowW
#define DefWindowProc DefWindowProcW
#define DispatchMessage DispatchMessageW
#define GetMessage GetMessageW
#define IDC_ARROW MAKEINTRESOURCEW(32512)
#define IDI_APPLICATION MAKEINTRESOURCEW(32512)
#define InetNtop InetNtopW
#define InetPton InetPtonW
#define LoadCursor LoadCursorW
#define LoadIcon LoadIconW
#define PostMessage PostMessageW
#define RegisterClass RegisterClassW
#define WNDCLASS WNDCLASSW
#else
#define IDC_ARROW MAKEINTRESOURCEA(32512)
#define IDI_APPLICATION MAKEINTRESOURCEA(32512)
#define InetNtop inet_ntop
#define InetPton inet_pton
#define LoadCursor LoadCursorA
#define LoadIcon LoadIconA
#endif
