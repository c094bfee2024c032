# Is watch.html made of the sources as they are? -D MADE_OF=hash
file(STRINGS ${CMAKE_CURRENT_LIST_DIR}/watch.html found REGEX "<!-- made of ")
if(NOT found MATCHES "made of ${MADE_OF} ")
	message(FATAL_ERROR "tests/watch/watch.html is not current: what it shows has changed. Make it anew:\n"
		"  sh tests/wine/setup.sh watch && cmake --workflow --preset watch")
endif()
