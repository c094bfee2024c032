# Runs the compiler command that the head comment of SOURCE gives and that starts with NAME, a regular
# expression; in FOLDER, with COMPILER in its place, and SOURCE for the plain file name.
file(STRINGS ${SOURCE} line REGEX "^//   ${NAME} " LIMIT_COUNT 1)
if(NOT line)
	message(FATAL_ERROR "${SOURCE}:1: expected a line \"//   ${NAME} ...\", actual none")
endif()

string(REGEX REPLACE "^//   ${NAME} " "" arguments "${line}")
separate_arguments(arguments NATIVE_COMMAND "${arguments}")
list(TRANSFORM arguments REPLACE "^server\\.cpp$" "${SOURCE}")

file(MAKE_DIRECTORY ${FOLDER})
execute_process(COMMAND ${COMPILER} ${arguments} WORKING_DIRECTORY ${FOLDER}
	COMMAND_ECHO STDOUT OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE result)
message("${output}")
if(NOT result EQUAL 0)
	message(FATAL_ERROR "${line}: expected exit code 0, actual ${result}")
endif()
if(output MATCHES "warning")
	message(FATAL_ERROR "${line}: expected no warning, actual the above")
endif()
