# The exercises of EXERCISES.md, in its order: faulty servers without the comments that give the place away. The target
# `exercises` writes them to exercises/NN/server.cpp in the build folder, but for those that are there. Each has a test:
# the command of the page fails on the faulty server, and passes on the right one.
set(exercises E04-2 E03-1 M05 M24 E03-3 E03-4 M16 E02-2 M72 E04-5 M29 E05-1 E05-3)

set(number 0)
foreach(name IN LISTS exercises)
	math(EXPR number "${number} + 1")
	string(REGEX REPLACE "^.$" "0\\0" folder ${number})
	set(model ${${name}_model})
	set(cases ${${name}_KILLED_BY} ${${name}_HANGS})
	if(NOT cases)
		set(cases C1.01)
	endif()
	list(TRANSFORM cases APPEND *)
	list(JOIN cases , cases)

	file(READ ${CMAKE_CURRENT_BINARY_DIR}/${name}/server.cpp faulty)
	set(right "${server_${model}}")
	foreach(text faulty right)
		string(REGEX REPLACE "\n// A comment such as[^\n]*" "\n// It has one bug: see tests/errata/EXERCISES.md."
			${text} "${${text}}")
		string(REGEX REPLACE "\n?[ \t]*// [AE][0-9][0-9]-[0-9]+[^\n]*(\n[ \t]*//[^\n]*)*" "" ${text} "${${text}}")
		string(REGEX REPLACE "\n[ \t]+\n" "\n" ${text} "${${text}}") # a line that was taken out
		file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/exercises/${folder}/${text}.cpp CONTENT "${${text}}" @ONLY)
	endforeach()
	set(written ${CMAKE_BINARY_DIR}/exercises/${folder}/server.cpp)
	add_custom_command(OUTPUT ${written} VERBATIM COMMAND ${CMAKE_COMMAND} -E copy
		${CMAKE_CURRENT_BINARY_DIR}/exercises/${folder}/faulty.cpp ${written})
	list(APPEND all_written ${written})

	add_test(NAME exercises/${folder} WORKING_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/exercises/${folder}
		COMMAND ${CMAKE_COMMAND} -D MODEL=${model} -D "CASES=${cases}" -D "REFUSED=${${name}_DOES_NOT_COMPILE}"
		-D "LINK=${link}" -D "LIBRARIES=${libraries}" -D "EMULATOR=${CMAKE_CROSSCOMPILING_EMULATOR}"
		-D CONFORMANCE=$<TARGET_FILE:conformance> -P ${CMAKE_CURRENT_SOURCE_DIR}/exercise.cmake)
	set_tests_properties(exercises/${folder} PROPERTIES LABELS "errata;exercises" FIXTURES_REQUIRED wine)

	foreach(page EXERCISES.md EXERCISES.ko.md)
		file(READ ${page} text)
		string(FIND "${text}" "build/exercises/${folder}/Mine.exe --model ${model} \"-tc=${cases}\"" place)
		if(place EQUAL -1)
			problem("${page}: exercise ${number} is ${name}: ${model}, ${cases}")
		endif()
		set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${page})
	endforeach()
endforeach()
add_custom_target(exercises DEPENDS ${all_written})
