// The doctest runner, alone: it may include the system's windows.h, which the simulation replaces.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
