# What every target of ours shares: standard, warnings as errors, output folders, sanitizers.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
# Programs and libraries lie side by side, built and installed alike.
set(CMAKE_BUILD_RPATH_USE_ORIGIN ON)
set(CMAKE_INSTALL_RPATH "$ORIGIN")

if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()
# Lines and functions in back traces; full debug information of LibTorch's headers doubles the build time.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1 -DNDEBUG")

find_program(DEPTHSCOPE_CCACHE ccache)
if(DEPTHSCOPE_CCACHE)
    # Without the two sloppinesses ccache keeps nothing that is compiled with a precompiled header. Paths below the source
    # folder are hashed as relative ones, so that one clone finds what another has compiled.
    set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env CCACHE_SLOPPINESS=pch_defines,time_macros
        "CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}" CCACHE_NOHASHDIR=1 "${DEPTHSCOPE_CCACHE}")
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        set(DEPTHSCOPE_PCH_FLAGS -fpch-preprocess)
    endif()
endif()

# {fmt}, headers alone. LibTorch ships them too, for machines without libfmt-dev.
find_path(DEPTHSCOPE_FMT fmt/format.h PATHS "${DEPTHSCOPE_LIBTORCH}/include" "$ENV{HOME}/.cache/depthscope/libtorch-2.11.0/torch/include")
if(NOT DEPTHSCOPE_FMT)
    message(FATAL_ERROR "fmt/format.h not found. Run packaging/setup.sh, or install libfmt-dev.")
endif()

add_library(depthscope_options INTERFACE)
target_compile_definitions(depthscope_options INTERFACE FMT_HEADER_ONLY)
if(NOT DEPTHSCOPE_FMT STREQUAL "/usr/include")
    target_include_directories(depthscope_options SYSTEM INTERFACE "${DEPTHSCOPE_FMT}")
endif()
target_include_directories(depthscope_options INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_options(depthscope_options INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror>)
if(DEPTHSCOPE_SANITIZE)
    string(REPLACE ";" "," sanitizers "${DEPTHSCOPE_SANITIZE}")
    target_compile_options(depthscope_options INTERFACE
        -fsanitize=${sanitizers} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(depthscope_options INTERFACE -fsanitize=${sanitizers})
endif()

# depthscope_library(name SHARED|STATIC|OBJECT): a target with our options; sources are added by each folder.
function(depthscope_library name kind)
    add_library(${name} ${kind})
    target_link_libraries(${name} PUBLIC depthscope_options)
endfunction()

# depthscope_test(name source... LIBS lib... [LABELS label...] [XVFB]): one Qt Test program and its ctest.
function(depthscope_test name)
    cmake_parse_arguments(ARG "XVFB" "TIMEOUT" "LIBS;LABELS" ${ARGN})
    add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
    # AUTOMOC starts a program and compiles a file of its own for every test. Without include folders moc reads no header:
    # the classes of a test are in its file.
    set_target_properties(${name} PROPERTIES AUTOMOC OFF RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
    foreach(source IN LISTS ARG_UNPARSED_ARGUMENTS)
        if(source MATCHES "^(tst_.*)\\.cpp$")
            add_custom_command(OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/${CMAKE_MATCH_1}.moc"
                COMMAND Qt6::moc -DQT_NO_KEYWORDS -o "${CMAKE_CURRENT_BINARY_DIR}/${CMAKE_MATCH_1}.moc"
                    "${CMAKE_CURRENT_SOURCE_DIR}/${source}"
                DEPENDS "${source}" VERBATIM)
            target_sources(${name} PRIVATE "${CMAKE_CURRENT_BINARY_DIR}/${CMAKE_MATCH_1}.moc")
            target_include_directories(${name} PRIVATE "${CMAKE_CURRENT_BINARY_DIR}")
        endif()
    endforeach()
    target_compile_definitions(${name} PRIVATE QT_NO_KEYWORDS
        DEPTHSCOPE_SOURCE_DIR="${PROJECT_SOURCE_DIR}" DEPTHSCOPE_BIN_DIR="${CMAKE_BINARY_DIR}/bin")
    target_link_libraries(${name} PRIVATE depthscope_options ${ARG_LIBS} Qt6::Test)
    if("depthscope_engine" IN_LIST ARG_LIBS)
        depthscope_uses_headers(${name} depthscope_engine_test_headers)
    elseif(ARG_LIBS MATCHES "depthscope_(host|panels|desktop)")
        depthscope_uses_headers(${name} depthscope_widget_headers)
    else()
        depthscope_uses_headers(${name} depthscope_qt_headers)
    endif()
    # A test runs for moments and is compiled often.
    target_compile_options(${name} PRIVATE $<$<CONFIG:RelWithDebInfo>:-O1>)
    add_test(NAME ${name} COMMAND ${name})
    if(NOT ARG_LABELS)
        set(ARG_LABELS unit)
    endif()
    if(NOT ARG_TIMEOUT)
        set(ARG_TIMEOUT 120)
    endif()
    set(environment "QT_QPA_PLATFORM=offscreen")
    if(ARG_XVFB)
        set(environment "QT_QPA_PLATFORM=xcb;DEPTHSCOPE_PANELS=imgui")
    endif()
    if(DEPTHSCOPE_SANITIZE MATCHES "thread")
        string(APPEND environment ";TSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/tsan.supp")
    endif()
    set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT}
        ENVIRONMENT "${environment};OMP_WAIT_POLICY=passive;OMP_NUM_THREADS=1")
endfunction()

# depthscope_engine_test(name source... [LIBS lib...]): a test that sees LibTorch.
function(depthscope_engine_test name)
    cmake_parse_arguments(ARG "" "" "LIBS;LABELS" ${ARGN})
    find_package(nlohmann_json REQUIRED)
    depthscope_test(${name} ${ARG_UNPARSED_ARGUMENTS}
        LIBS depthscope_engine nlohmann_json::nlohmann_json ${ARG_LIBS} LABELS ${ARG_LABELS})
endfunction()
