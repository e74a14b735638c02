# Finds LibTorch as two plain libraries (torch_cpu, c10) and two include folders. Nothing else of it is linked:
# the CUDA half is opened at run time (docs/architecture.md, "The CUDA plug-in").

if(NOT DEPTHSCOPE_LIBTORCH)
    set(cache "$ENV{XDG_CACHE_HOME}")
    if(NOT cache)
        set(cache "$ENV{HOME}/.cache")
    endif()
    set(DEPTHSCOPE_LIBTORCH "${cache}/depthscope/libtorch-2.11.0/torch")
endif()
if(NOT EXISTS "${DEPTHSCOPE_LIBTORCH}/lib/libtorch_cpu.so")
    message(FATAL_ERROR "LibTorch not found in ${DEPTHSCOPE_LIBTORCH}. Run packaging/setup.sh, or set -DDEPTHSCOPE_LIBTORCH=dir to a folder with lib/libtorch_cpu.so.")
endif()
message(STATUS "LibTorch: ${DEPTHSCOPE_LIBTORCH}")

add_library(depthscope_libtorch INTERFACE)
target_include_directories(depthscope_libtorch SYSTEM INTERFACE
    "${DEPTHSCOPE_LIBTORCH}/include" "${DEPTHSCOPE_LIBTORCH}/include/torch/csrc/api/include")
target_link_libraries(depthscope_libtorch INTERFACE
    "${DEPTHSCOPE_LIBTORCH}/lib/libtorch_cpu.so" "${DEPTHSCOPE_LIBTORCH}/lib/libc10.so")
target_link_options(depthscope_libtorch INTERFACE "-Wl,-rpath,${DEPTHSCOPE_LIBTORCH}/lib"
    "-Wl,--disable-new-dtags" "-Wl,--allow-shlib-undefined")
