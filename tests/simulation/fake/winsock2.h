// Stands in for the system's <winsock2.h>.
#include "ws2tcpip.h"
