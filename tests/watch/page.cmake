# The preset "watch": the stage as WebAssembly, packed into watch.html, which replaces the one in the repository; the
# page is drawn, and tested, by a headless browser.
foreach(pair "WASM_CLANG;clang++-19" "GZIP;gzip" "BASE64;base64" "CHROMIUM;chromium")
	list(POP_FRONT pair variable)
	find_program(${variable} ${pair})
	if(NOT ${variable})
		message(FATAL_ERROR "${pair} is missing: sh tests/wine/setup.sh watch")
	endif()
endforeach()

set(wasm ${WASM_CLANG} --target=wasm32-wasi -std=c++20 -Oz -fno-exceptions -fno-rtti -DNDEBUG
	-I${CMAKE_CURRENT_SOURCE_DIR} -I${CMAKE_CURRENT_SOURCE_DIR}/../simulation -I${PROJECT_SOURCE_DIR}/client)
set(objects "")
foreach(source acts.cpp json.cpp stage.cpp wasm.cpp ${simulation} ${CMAKE_CURRENT_BINARY_DIR}/servers.cpp)
	cmake_path(GET source STEM name)
	cmake_path(ABSOLUTE_PATH source)
	set(options -Wall -Wextra)
	if(name STREQUAL "servers")
		set(options -w -fsanitize=null -ftrivial-auto-var-init=zero -I${CMAKE_CURRENT_SOURCE_DIR}/fake)
	endif()
	add_custom_command(OUTPUT ${name}.o DEPFILE ${CMAKE_CURRENT_BINARY_DIR}/${name}.d
		COMMAND ${wasm} ${options} -MD -MF ${name}.d -MT ${name}.o -c ${source} -o ${name}.o
		DEPENDS ${source} VERBATIM)
	list(APPEND objects ${name}.o)
endforeach()
add_custom_command(OUTPUT watch.wasm.base64
	COMMAND ${WASM_CLANG} --target=wasm32-wasi -mexec-model=reactor -fno-exceptions -Oz -Wl,--strip-all,--gc-sections
		${objects} -o watch.wasm
	COMMAND ${GZIP} -9nf -k watch.wasm
	COMMAND ${BASE64} -w0 watch.wasm.gz > watch.wasm.base64
	DEPENDS ${objects} VERBATIM)

# Packed without the pictures, which the page itself draws, and then with them. It replaces the one in the repository.
file(GLOB parts *.js page.css page.html *.cmake)
set(pack ${CMAKE_COMMAND} -D DATA=${CMAKE_CURRENT_BINARY_DIR}/data.json -D MADE_OF=${made_of}
	-D WASM=${CMAKE_CURRENT_BINARY_DIR}/watch.wasm.base64)
set(browse ${CMAKE_COMMAND} -D CHROMIUM=${CHROMIUM})
add_custom_command(OUTPUT pictures.txt
	COMMAND ${pack} -D OUT=${CMAKE_CURRENT_BINARY_DIR}/bare.html -P ${CMAKE_CURRENT_SOURCE_DIR}/pack.cmake
	COMMAND ${browse} -D PAGE=${CMAKE_CURRENT_BINARY_DIR}/bare.html -D SCRIPT=${CMAKE_CURRENT_SOURCE_DIR}/pictures.js
		-D OUT=${CMAKE_CURRENT_BINARY_DIR}/pictures.txt -P ${CMAKE_CURRENT_SOURCE_DIR}/chromium.cmake
	COMMAND ${pack} -D PICTURES=${CMAKE_CURRENT_BINARY_DIR}/pictures.txt -D OUT=${CMAKE_CURRENT_SOURCE_DIR}/watch.html
		-P ${CMAKE_CURRENT_SOURCE_DIR}/pack.cmake
	DEPENDS ${parts} ${CMAKE_CURRENT_BINARY_DIR}/data.json watch.wasm.base64 VERBATIM)
add_custom_target(watch_page DEPENDS pictures.txt)
add_dependencies(watch_page watch watch_tests)

foreach(script page_tests tapes)
	add_test(NAME watch/${script} COMMAND ${browse} -D PAGE=${CMAKE_CURRENT_SOURCE_DIR}/watch.html
		-D SCRIPT=${CMAKE_CURRENT_SOURCE_DIR}/${script}.js -D OUT=${CMAKE_CURRENT_BINARY_DIR}/${script}.txt
		-P ${CMAKE_CURRENT_SOURCE_DIR}/chromium.cmake)
endforeach()
# The page, as laid out in a small window, on a notebook, by a projector and on a phone.
foreach(size 1024,640 1280,800 1920,1080 500,844)
	string(REPLACE "," "x" name ${size})
	add_test(NAME watch/page_tests_${name} COMMAND ${browse} -D PAGE=${CMAKE_CURRENT_SOURCE_DIR}/watch.html
		-D SCRIPT=${CMAKE_CURRENT_SOURCE_DIR}/page_tests.js -D OUT=${CMAKE_CURRENT_BINARY_DIR}/page_tests_${name}.txt
		-D SIZE=${size} -P ${CMAKE_CURRENT_SOURCE_DIR}/chromium.cmake)
	set_tests_properties(watch/page_tests_${name} PROPERTIES LABELS watch)
endforeach()
# The tapes of the WebAssembly, which the browser has just printed, are those of the native program.
add_test(NAME watch/same_tapes COMMAND ${CMAKE_COMMAND} -D WATCH=$<TARGET_FILE:watch>
	-D TAPES=${CMAKE_CURRENT_BINARY_DIR}/tapes.txt -P ${CMAKE_CURRENT_SOURCE_DIR}/same_tapes.cmake)
set_tests_properties(watch/tapes PROPERTIES FIXTURES_SETUP watch/tapes)
set_tests_properties(watch/same_tapes PROPERTIES FIXTURES_REQUIRED watch/tapes)
set_tests_properties(watch/page_tests watch/tapes watch/same_tapes PROPERTIES LABELS watch)
