// Stands in for the system's <io.h>.
#include "ws2tcpip.h"
