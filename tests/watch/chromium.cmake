# Runs a script in a page: cmake -D CHROMIUM=program -D PAGE=watch.html -D SCRIPT=file.js -D OUT=file [-D SIZE=1366,768]
# -P chromium.cmake. OUT gets the text of the element "result" that the script has left. If its first line begins with
# FAILED, or there is none, that is an error.
cmake_minimum_required(VERSION 3.25)
cmake_path(GET SCRIPT STEM name)
set(folder ${OUT}.browser)
file(REMOVE_RECURSE ${folder})
file(READ ${PAGE} page)
file(READ ${SCRIPT} script)
string(FIND "${page}" "</body>" end REVERSE)
string(SUBSTRING "${page}" 0 ${end} page)
file(WRITE ${folder}/${name}.html "${page}<script>\n${script}\n</script></body></html>\n")
if(NOT SIZE)
	set(SIZE 1366,768)
endif()
# The budget is virtual time, which flies as soon as nothing is left to do: nobody waits for it.
execute_process(COMMAND ${CHROMIUM} --headless=new --no-sandbox --disable-gpu --user-data-dir=${folder}/profile
		--no-first-run --disable-background-networking --disable-component-update --disable-sync
		--window-size=${SIZE} --virtual-time-budget=20000000 --dump-dom file://${folder}/${name}.html
	OUTPUT_VARIABLE dom ERROR_VARIABLE errors RESULT_VARIABLE code TIMEOUT 300)
file(REMOVE_RECURSE ${folder})
if(NOT dom MATCHES "<pre id=\"result\">")
	message(FATAL_ERROR "${SCRIPT}: ${CHROMIUM} (${code}) left no result\n${errors}")
endif()
string(REGEX REPLACE "^.*<pre id=\"result\">" "" dom "${dom}")
string(REGEX REPLACE "</pre>.*$" "" dom "${dom}")
string(REPLACE "&lt;" "<" dom "${dom}")
string(REPLACE "&gt;" ">" dom "${dom}")
string(REPLACE "&amp;" "&" dom "${dom}")
file(WRITE ${OUT} "${dom}")
if(dom MATCHES "^FAILED")
	message(FATAL_ERROR "${dom}")
elseif(dom MATCHES "^PASSED")
	message("${dom}")
endif()
