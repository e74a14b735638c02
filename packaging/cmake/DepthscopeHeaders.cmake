# Headers of other people, compiled once for all targets that read them: a panel of the window spent four fifths of its
# compilation on them. Nothing of ours is in them, so no change of ours compiles them again.

# depthscope_headers(name header... [LIBS lib...])
function(depthscope_headers name)
    cmake_parse_arguments(ARG "" "" "LIBS" ${ARGN})
    file(CONFIGURE OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp" CONTENT "// Only the precompiled header counts.\n")
    add_library(${name} OBJECT "${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp")
    set_target_properties(${name} PROPERTIES AUTOMOC OFF)
    target_link_libraries(${name} PRIVATE depthscope_options ${ARG_LIBS})
    target_compile_options(${name} PRIVATE -fPIC ${DEPTHSCOPE_PCH_FLAGS})
    target_precompile_headers(${name} PRIVATE ${ARG_UNPARSED_ARGUMENTS})
endfunction()

# depthscope_uses_headers(target name): the target has the macros of the headers' libraries, and may have more, as long
# as the headers do not ask for them.
function(depthscope_uses_headers target name)
    target_compile_options(${target} PRIVATE -fPIC ${DEPTHSCOPE_PCH_FLAGS})
    target_precompile_headers(${target} REUSE_FROM ${name})
endfunction()

set(standard <algorithm> <filesystem> <functional> <map> <memory> <optional> <string> <variant> <vector>)
find_package(nlohmann_json REQUIRED)
depthscope_headers(depthscope_core_headers ${standard} <fmt/format.h> <nlohmann/json.hpp>)

if(DEPTHSCOPE_TESTS OR DEPTHSCOPE_DESKTOP)
    find_package(Qt6 6.4 REQUIRED COMPONENTS Core)
    depthscope_headers(depthscope_qt_headers ${standard} <QtCore/QtCore> LIBS Qt6::Core)
    target_compile_definitions(depthscope_qt_headers PRIVATE QT_NO_KEYWORDS)
endif()
if(DEPTHSCOPE_DESKTOP)
    find_package(Qt6 6.4 REQUIRED COMPONENTS Widgets)
    depthscope_headers(depthscope_widget_headers ${standard} <QtWidgets/QtWidgets> LIBS Qt6::Widgets)
    target_compile_definitions(depthscope_widget_headers PRIVATE QT_NO_KEYWORDS)
endif()
if(DEPTHSCOPE_ENGINE)
    include(DepthscopeLibTorch)
    depthscope_headers(depthscope_engine_headers ${standard} <ATen/ATen.h> <fmt/format.h> LIBS depthscope_libtorch)
    if(DEPTHSCOPE_TESTS)
        depthscope_headers(depthscope_engine_test_headers ${standard} <ATen/ATen.h> <QtCore/QtCore> <nlohmann/json.hpp>
            LIBS depthscope_libtorch Qt6::Core)
        target_compile_definitions(depthscope_engine_test_headers PRIVATE QT_NO_KEYWORDS)
    endif()
endif()
