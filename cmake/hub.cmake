# One helper per idea. Every target takes its warnings and sanitizers from hub_flags.

option(HUB_WERROR "warnings are errors" OFF)
option(HUB_TESTS "build the tests with everything else" ON)
option(HUB_FUZZ "build the libFuzzer targets (clang)" OFF)
set(HUB_SANITIZE "" CACHE STRING "sanitizers, as -fsanitize takes them")

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

enable_testing()

add_library(hub_flags INTERFACE)
target_compile_features(hub_flags INTERFACE c_std_17)
target_compile_definitions(hub_flags INTERFACE _GNU_SOURCE)
target_include_directories(hub_flags INTERFACE ${CMAKE_SOURCE_DIR}/hub ${CMAKE_SOURCE_DIR}/hub/include)
target_compile_options(hub_flags INTERFACE -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes
	-Wpointer-arith -Wwrite-strings -Wvla -Wno-missing-field-initializers -Wno-string-concatenation
	-fno-strict-aliasing -fstack-protector-strong -fvisibility=hidden -fPIC
	$<$<CONFIG:RelWithDebInfo>:-O2 -D_FORTIFY_SOURCE=2>
	$<$<BOOL:${HUB_WERROR}>:-Werror>
	# clang counts every C option as unused when it assembles; gcc does not know the warning and is silent.
	$<$<COMPILE_LANGUAGE:ASM>:-Wno-unused-command-line-argument>)
if(HUB_SANITIZE)
	target_compile_options(hub_flags INTERFACE -fsanitize=${HUB_SANITIZE} -fno-omit-frame-pointer
		-fno-sanitize-recover=all)
	target_link_options(hub_flags INTERFACE -fsanitize=${HUB_SANITIZE})
	target_compile_definitions(hub_flags INTERFACE HUB_SANITIZED=1)
endif()
if(HUB_FUZZ)
	target_compile_options(hub_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# hub_room(NAME sources… [ROOMS base model …] [LIBS PkgConfig names or targets …])
# One static library per room; ROOMS are the arrows.
function(hub_room name)
	cmake_parse_arguments(R "" "" "ROOMS;LIBS" ${ARGN})
	add_library(room_${name} STATIC ${R_UNPARSED_ARGUMENTS})
	target_link_libraries(room_${name} PUBLIC hub_flags)
	foreach(r ${R_ROOMS})
		target_link_libraries(room_${name} PUBLIC room_${r})
	endforeach()
	hub_link(room_${name} PUBLIC ${R_LIBS})
endfunction()

# Links pkg-config packages (by name) or targets and -lnames as they are.
function(hub_link target scope)
	foreach(lib ${ARGN})
		if(TARGET ${lib} OR lib MATCHES "^-l|::")
			target_link_libraries(${target} ${scope} ${lib})
		else()
			string(MAKE_C_IDENTIFIER pc_${lib} id)
			pkg_check_modules(${id} REQUIRED QUIET IMPORTED_TARGET ${lib})
			target_link_libraries(${target} ${scope} PkgConfig::${id})
		endif()
	endforeach()
endfunction()

# hub_program(NAME sources… ROOMS … [LIBS …]): an installed program, in build/PRESET/bin.
function(hub_program name)
	cmake_parse_arguments(R "SBIN" "" "ROOMS;LIBS" ${ARGN})
	add_executable(${name} ${R_UNPARSED_ARGUMENTS})
	target_link_libraries(${name} PRIVATE hub_flags)
	foreach(r ${R_ROOMS})
		target_link_libraries(${name} PRIVATE room_${r})
	endforeach()
	hub_link(${name} PRIVATE ${R_LIBS})
	set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
	install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endfunction()

# A test's program: with HUB_TESTS off it is built only when asked for.
function(hub_test_program target)
	add_executable(${target} ${ARGN})
	if(NOT HUB_TESTS)
		set_target_properties(${target} PROPERTIES EXCLUDE_FROM_ALL ON)
	endif()
endfunction()

# hub_unit(NAME test.c… ROOMS … [LIBS …]): a cmocka binary, label "unit".
function(hub_unit name)
	cmake_parse_arguments(R "" "" "ROOMS;LIBS" ${ARGN})
	hub_test_program(unit_${name} ${R_UNPARSED_ARGUMENTS})
	target_link_libraries(unit_${name} PRIVATE hub_flags)
	foreach(r ${R_ROOMS})
		target_link_libraries(unit_${name} PRIVATE room_${r})
	endforeach()
	hub_link(unit_${name} PRIVATE cmocka ${R_LIBS})
	add_test(NAME unit_${name} COMMAND unit_${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
	set_tests_properties(unit_${name} PROPERTIES LABELS unit TIMEOUT 300)
endfunction()

# hub_store_test(NAME test.c… ROOMS … [LIBS …]): as hub_unit, but with a private PostgreSQL from
# tests/support/pg.h, label "store".
function(hub_store_test name)
	cmake_parse_arguments(R "" "" "ROOMS;LIBS" ${ARGN})
	hub_test_program(store_${name} ${R_UNPARSED_ARGUMENTS} ${CMAKE_SOURCE_DIR}/tests/support/pg.c)
	target_include_directories(store_${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
	target_link_libraries(store_${name} PRIVATE hub_flags)
	foreach(r ${R_ROOMS})
		target_link_libraries(store_${name} PRIVATE room_${r})
	endforeach()
	hub_link(store_${name} PRIVATE cmocka ${R_LIBS})
	add_test(NAME store_${name} COMMAND store_${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
	set_tests_properties(store_${name} PROPERTIES LABELS store TIMEOUT 300)
endfunction()

# hub_fuzz(NAME target.c CORPUS dir ROOMS … [LIBS …]): LLVMFuzzerTestOneInput.
# Always: the corpus is replayed as a test (label "corpus"). With HUB_FUZZ: also fuzz_NAME itself.
function(hub_fuzz name)
	cmake_parse_arguments(R "" "CORPUS" "ROOMS;LIBS" ${ARGN})
	foreach(kind replay fuzz)
		if(kind STREQUAL fuzz AND NOT HUB_FUZZ)
			continue()
		endif()
		set(target ${kind}_${name})
		hub_test_program(${target} ${R_UNPARSED_ARGUMENTS})
		if(kind STREQUAL replay)
			target_sources(${target} PRIVATE ${CMAKE_SOURCE_DIR}/tests/fuzz/replay.c)
		else()
			target_link_options(${target} PRIVATE -fsanitize=fuzzer)
		endif()
		target_link_libraries(${target} PRIVATE hub_flags)
		foreach(r ${R_ROOMS})
			target_link_libraries(${target} PRIVATE room_${r})
		endforeach()
		hub_link(${target} PRIVATE ${R_LIBS})
	endforeach()
	add_test(NAME corpus_${name} COMMAND replay_${name} ${R_CORPUS} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
	set_tests_properties(corpus_${name} PROPERTIES LABELS corpus TIMEOUT 120)
endfunction()

# hub_add_adapter(NAME sources… DEVICE device.c… [SIM sim.c… [SIM_ROOMS …] [SIM_LIBS …]] [ROOMS base …] [LIBS …])
# From one line: the module build/PRESET/adapters/NAME.so, its static twin, replay of vectors/, the
# conformance suite, a fuzzer with the vectors as corpus, the simulated device and its program sim_NAME.
function(hub_add_adapter name)
	cmake_parse_arguments(A "" "" "DEVICE;SIM;SIM_ROOMS;SIM_LIBS;ROOMS;LIBS" ${ARGN})
	set(vectors ${CMAKE_CURRENT_SOURCE_DIR}/vectors)
	set(conform ${CMAKE_SOURCE_DIR}/tests/conform)

	add_library(adapter_${name} MODULE ${A_UNPARSED_ARGUMENTS})
	set_target_properties(adapter_${name} PROPERTIES PREFIX "" OUTPUT_NAME ${name}
		LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/adapters)
	install(TARGETS adapter_${name} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/uhub/adapters)
	add_library(adapter_${name}_static STATIC ${A_UNPARSED_ARGUMENTS})
	add_library(device_${name} STATIC ${A_DEVICE})
	target_include_directories(device_${name} PUBLIC ${CMAKE_SOURCE_DIR}/adapters)
	target_include_directories(adapter_${name}_static PUBLIC ${CMAKE_SOURCE_DIR}/adapters)
	foreach(target adapter_${name} adapter_${name}_static device_${name})
		target_link_libraries(${target} PRIVATE hub_flags)
		foreach(room base ${A_ROOMS})
			target_link_libraries(${target} PRIVATE room_${room})
		endforeach()
		hub_link(${target} PRIVATE ${A_LIBS})
	endforeach()
	if(A_SIM)
		hub_program(sim_${name} ${A_SIM} ROOMS base ${A_SIM_ROOMS} LIBS device_${name} ${A_SIM_LIBS})
	endif()

	hub_unit(vectors_${name} ${conform}/vectors.c ${conform}/suite.c ROOMS host LIBS adapter_${name}_static jansson)
	hub_unit(conform_${name} ${conform}/conform.c ${conform}/suite.c ROOMS host LIBS adapter_${name}_static)
	set_tests_properties(unit_conform_${name} PROPERTIES LABELS conform)
	foreach(test vectors_${name} conform_${name})
		target_compile_definitions(unit_${test} PRIVATE ADAPTER_VECTORS="${vectors}")
	endforeach()
	hub_fuzz(adapter_${name} ${CMAKE_SOURCE_DIR}/tests/fuzz/adapter.c CORPUS ${vectors} ROOMS host
		LIBS adapter_${name}_static)
	foreach(target replay_adapter_${name} fuzz_adapter_${name})
		if(TARGET ${target})
			target_compile_definitions(${target} PRIVATE ADAPTER_VECTORS="${vectors}")
		endif()
	endforeach()
endfunction()

# hub_manual(PROGRAM SECTION arguments…): the page is made by the program it describes.
function(hub_manual program section)
	if(HUB_SANITIZE)
		return()
	endif()
	set(page ${CMAKE_BINARY_DIR}/man/${program}.${section})
	add_custom_command(OUTPUT ${page} COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/man
		COMMAND ${program} ${ARGN} > ${page} DEPENDS ${program} VERBATIM)
	add_custom_target(manual_${program} ALL DEPENDS ${page})
	install(FILES ${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endfunction()
