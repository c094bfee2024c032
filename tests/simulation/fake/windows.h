// Stands in for the system's <windows.h>.
#include "ws2tcpip.h"
