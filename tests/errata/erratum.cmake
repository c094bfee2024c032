# The function erratum() that errata.cmake and mutants.cmake are written in: it writes the faulty server to
# ${CMAKE_CURRENT_BINARY_DIR}/NAME/server.cpp and keeps what is said of it as NAME_KEYWORD. `errata` lists the names.

# problem(TEXT): is what the test errata/consistency prints, and fails with.
function(problem text)
	set_property(GLOBAL APPEND_STRING PROPERTY problems "${text}\n")
endfunction()

# put_back(OLD NEW): in `text`, where OLD has to stand once.
function(put_back old new)
	string(FIND "${text}" "${old}" first)
	string(FIND "${text}" "${old}" last REVERSE)
	if(first EQUAL -1 OR NOT first EQUAL last)
		problem("${name}: ${model}/server.cpp must have this once: ${old}")
		set(new "\n#error ${name}: see errata/consistency\n") # so that it cannot be tested for anything else
		set(old "#include <ws2tcpip.h>")
	endif()
	string(REPLACE "${old}" "${new}" text "${text}")
	set(text "${text}" PARENT_SCOPE)
endfunction()

function(erratum name model)
	set(one SEVERITY BOOK DOES_NOT_COMPILE COMPILER NOT_TESTABLE)
	set(several OLD NEW WITHOUT KILLED_BY HANGS WINDOWS SHOWS BREAKS)
	cmake_parse_arguments(PARSE_ARGV 2 ${name} "" "${one}" "${several}")
	if(${name}_UNPARSED_ARGUMENTS)
		message(FATAL_ERROR "${name}: '${${name}_UNPARSED_ARGUMENTS}' belongs to no keyword")
	endif()
	set(text "${server_${model}}")
	foreach(old new IN ZIP_LISTS ${name}_OLD ${name}_NEW)
		put_back("${old}" "${new}")
	endforeach()
	foreach(old IN LISTS ${name}_WITHOUT)
		put_back("${old}" "")
	endforeach()
	file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/${name}/server.cpp CONTENT "${text}" @ONLY)

	# BREAKS, per platform: "spin" holds for both, "wine/spin" for one of them.
	foreach(platform windows wine)
		set(rules ${${name}_BREAKS})
		list(FILTER rules INCLUDE REGEX "^(${platform}/|[^/]*$)")
		list(TRANSFORM rules REPLACE ".*/" "")
		set(${name}_${platform} "${rules}" PARENT_SCOPE)
	endforeach()
	string(REGEX MATCH "^[EM][0-9-]+" id ${name})
	set(${name}_id ${id} PARENT_SCOPE)
	set(${name}_model ${model} PARENT_SCOPE)
	foreach(keyword IN LISTS one several)
		set(${name}_${keyword} "${${name}_${keyword}}" PARENT_SCOPE)
	endforeach()
	set(errata ${errata} ${name} PARENT_SCOPE)
endfunction()
