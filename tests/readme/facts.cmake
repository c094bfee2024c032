# Writes FACTS, what a command in a README may name, one fact per line:
#   configure-preset NAME, build-preset NAME, test-preset NAME, workflow-preset NAME
#   target NAME            of the build, from the file TARGETS
#   test NAME, label NAME  of CTest
#   cost MODEL NUMBER ...  the Winsock calls per echo, with 1, 16 and 60 clients, as SIMULATE... --cost prints them
cmake_minimum_required(VERSION 3.25)
set(facts)

# The presets
file(READ ${PROJECT}/CMakePresets.json json)
foreach(kind configure build test workflow)
	string(JSON count LENGTH "${json}" ${kind}Presets)
	math(EXPR last "${count} - 1")
	foreach(i RANGE ${last})
		string(JSON name GET "${json}" ${kind}Presets ${i} name)
		string(APPEND facts "${kind}-preset ${name}\n")
	endforeach()
endforeach()

file(READ ${TARGETS} targets)
foreach(target IN LISTS targets)
	string(APPEND facts "target ${target}\n")
endforeach()

# The tests, from the files that CTest itself reads. A CTest inside of a CTest would share its log file.
set(labels)
function(add_test name)
	set(facts "${facts}test ${name}\n" PARENT_SCOPE)
endfunction()
function(set_tests_properties name)
	cmake_parse_arguments(PARSE_ARGV 1 property "" "LABELS" "PROPERTIES")
	set(labels ${labels} ${property_LABELS} PARENT_SCOPE)
endfunction()
macro(subdirs folder)
	include(${CMAKE_CURRENT_LIST_DIR}/${folder}/CTestTestfile.cmake OPTIONAL)
endmacro()
set(CTEST_CONFIGURATION_TYPE ${CONFIG}) # with several configurations in one build folder
include(${BUILD}/CTestTestfile.cmake)
list(REMOVE_DUPLICATES labels)
foreach(label IN LISTS labels)
	string(APPEND facts "label ${label}\n")
endforeach()

# The costs
execute_process(COMMAND ${SIMULATE} --cost OUTPUT_VARIABLE table RESULT_VARIABLE result TIMEOUT 60)
if(NOT result EQUAL 0)
	message(FATAL_ERROR "simulate --cost: expected exit code 0, actual ${result}\n${table}")
endif()
string(REGEX MATCHALL "0[1-5]_[a-z]+( +[0-9]+[.][0-9]+)+" lines "${table}")
foreach(line IN LISTS lines)
	string(REGEX REPLACE " +" " " line "${line}")
	string(APPEND facts "cost ${line}\n")
endforeach()

file(WRITE ${FACTS} "${facts}")
