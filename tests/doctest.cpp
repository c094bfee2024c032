// doctest itself, alone: it may include the system's windows.h, which the simulation replaces.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>
