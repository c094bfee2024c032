// For the test programs that have no main() of their own.
#include <doctest/doctest.h>

int main(int argc, char** argv)
{
	return doctest::Context(argc, argv).run();
}
