# The test of one exercise, run in the folder of its faulty.cpp and right.cpp: see exercises.cmake.
cmake_minimum_required(VERSION 3.25)

# judge(SERVER EXPECTED): the exit code of the suite.
function(judge server expected)
	execute_process(COMMAND ${LINK} ${server}.exe ${server}.cpp ${LIBRARIES} COMMAND_ERROR_IS_FATAL ANY)
	execute_process(COMMAND ${EMULATOR} ${CONFORMANCE} --server ${server}.exe --model ${MODEL} -tc=${CASES}
		RESULT_VARIABLE code)
	if(NOT code EQUAL expected)
		message(FATAL_ERROR "${server}.cpp: expected exit code ${expected}, got ${code}")
	endif()
endfunction()

if(NOT REFUSED) # by the compiler, for which the entry in errata.cmake has its test
	judge(faulty 1)
endif()
judge(right 0)
