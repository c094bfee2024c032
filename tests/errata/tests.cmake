# A test for each entry: judge.cmake builds its server, and what is said to find the bug must find it.

# Listing code has warnings; what must not compile is compiled as Visual Studio's own projects are.
separate_arguments(compiler NATIVE_COMMAND "${CMAKE_CXX_FLAGS}")
list(PREPEND compiler ${CMAKE_CXX_COMPILER})
if(MSVC)
	set(compiler_id MSVC)
	list(APPEND compiler /nologo /utf-8 /std:c++20 $<IF:$<CONFIG:Debug>,/MTd,/MT>)
	set(compile ${compiler} /W3 /sdl /c)
	set(link ${compiler} /w /Fe:)
	set(libraries ws2_32.lib user32.lib)
else()
	set(compiler_id GNU)
	list(APPEND compiler -w -std=c++20)
	set(compile ${compiler} -c)
	set(link ${compiler} -static -o)
	set(libraries -lws2_32)
endif()
list(TRANSFORM models REPLACE "(.+)" "$<TARGET_OBJECTS:simulated_\\1>" OUTPUT_VARIABLE simulate_objects)
list(APPEND simulate_objects $<TARGET_OBJECTS:simulate> $<TARGET_FILE:simulation>)

foreach(name IN LISTS errata)
	set(model ${${name}_model})
	set(check ${${name}_KILLED_BY})
	if(CMAKE_HOST_WIN32)
		list(APPEND check ${${name}_WINDOWS})
	endif()
	# The right server has to pass the same first.
	set(right ${check} ${${name}_HANGS})
	foreach(platform windows wine)
		if(${name}_${platform})
			list(APPEND right simulation/${platform})
		endif()
	endforeach()
	list(TRANSFORM right PREPEND ${model}/)
	set(other_compiler FALSE)
	if(${name}_COMPILER AND NOT ${name}_COMPILER STREQUAL compiler_id)
		set(other_compiler TRUE)
	endif()
	set(test errata/${name})
	add_test(NAME ${test} WORKING_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/${name} COMMAND ${CMAKE_COMMAND}
		-D ID=${${name}_id} -D MODEL=${model} -D SEEDS=${seeds} -D "CHECK=${check}" -D "DEADLINE=${${name}_HANGS}"
		-D "SHOWS=${${name}_SHOWS}"
		-D "RULES_windows=${${name}_windows}" -D "RULES_wine=${${name}_wine}"
		-D "DOES_NOT_COMPILE=${${name}_DOES_NOT_COMPILE}" -D "NOT_TESTABLE=${${name}_NOT_TESTABLE}"
		-D "COMPILE=${compile}" -D "LINK=${link}" -D "LIBRARIES=${libraries}"
		-D "EMULATOR=${CMAKE_CROSSCOMPILING_EMULATOR}" -D CONFORMANCE=$<TARGET_FILE:conformance>
		-D SIMULATION=${PROJECT_SOURCE_DIR}/tests/simulation -D "OBJECTS=${simulate_objects}"
		-P ${CMAKE_CURRENT_SOURCE_DIR}/judge.cmake)
	set_tests_properties(${test} PROPERTIES LABELS "errata;${model}" DISABLED ${other_compiler}
		FIXTURES_REQUIRED "wine;${right}")
	if(C9.03 IN_LIST check)
		set_tests_properties(${test} PROPERTIES RESOURCE_LOCK default_port)
	endif()
endforeach()
