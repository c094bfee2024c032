# expect.cmake: runs COMMAND, which has to end with exit code CODE and to print something that matches OUTPUT. (CTest's
# own PASS_REGULAR_EXPRESSION does not look at the exit code.)
execute_process(COMMAND ${COMMAND} RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE output)
message("${output}")
if(NOT code STREQUAL CODE OR NOT output MATCHES "${OUTPUT}")
	message(FATAL_ERROR "expected exit code ${CODE}, got ${code}; expected output that matches: ${OUTPUT}")
endif()
