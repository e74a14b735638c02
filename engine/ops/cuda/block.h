// SPDX-License-Identifier: MIT
// What the bodies of our kernels are written in: plain C++ that nvcc compiles for the GPU and any
// compiler for the tests, which run a block's threads in turns (tests/engine/ops/cuda). A body is a
// function of a Thread, which says where it stands and meets the others of its block:
//
//   block(), blocks()    along the grid's first dimension
//   slot()               along its second: a token, or one of its experts
//   index(), count()     of the block's threads
//   sync()               waits for all threads of the block
//   across(value, mask)  the value of the thread whose index in the warp differs by `mask`; all 32
//                        threads of the warp must call
//   shared()             the block's shared memory, Grid::sharedBytes
#pragma once

#include <cstdint>
#include <cstring>

#if defined(__CUDACC__)
#define DEPTHSCOPE_DEVICE __device__ __forceinline__
#define DEPTHSCOPE_UNROLL _Pragma("unroll")
#define DEPTHSCOPE_UNROLL_BY_4 _Pragma("unroll 4")
#else
#define DEPTHSCOPE_DEVICE inline
#define DEPTHSCOPE_UNROLL
#define DEPTHSCOPE_UNROLL_BY_4
#endif

namespace depthscope::ops::cuda {

inline constexpr int kWarp = 32;

/// How a kernel is launched.
struct Grid {
    unsigned blocks = 1;
    unsigned slots = 1;
    unsigned threads = kWarp; ///< a multiple of the warp
    unsigned sharedBytes = 0;
};

/// bfloat16 as it lies in memory.
struct Brain {
    std::uint16_t bits;
};

template <class To, class From>
DEPTHSCOPE_DEVICE To sameBits(From from) {
    static_assert(sizeof(To) == sizeof(From));
    To to;
    memcpy(&to, &from, sizeof(To));
    return to;
}

DEPTHSCOPE_DEVICE float widen(float value) {
    return value;
}

DEPTHSCOPE_DEVICE float widen(Brain value) {
    return sameBits<float>(static_cast<std::uint32_t>(value.bits) << 16U);
}

DEPTHSCOPE_DEVICE void narrow(float value, float& to) {
    to = value;
}

/// To the nearest, ties to even, as everywhere else.
DEPTHSCOPE_DEVICE void narrow(float value, Brain& to) {
    const auto bits = sameBits<std::uint32_t>(value);
    const bool isNumber = value == value;
    to.bits = isNumber ? static_cast<std::uint16_t>((bits + 0x7FFFU + ((bits >> 16U) & 1U)) >> 16U)
                       : static_cast<std::uint16_t>(0x7FC0U);
}

/// As many elements as one load takes: 16 bytes where everything is aligned to them.
template <class T, bool Wide>
struct Pack {
    static constexpr int kSize = Wide ? 16 / static_cast<int>(sizeof(T)) : 1;
    float at[kSize];
};

/// 16 bytes of any type.
struct alignas(16) [[gnu::may_alias]] Words {
    std::uint32_t at[4];
};

DEPTHSCOPE_DEVICE Words wordsAt(const void* place) {
    return *static_cast<const Words*>(place);
}

template <bool Wide>
DEPTHSCOPE_DEVICE void load(const float* from, Pack<float, Wide>& to) {
    if (Wide) {
        const Words words = wordsAt(from);
        for (int i = 0; i < 4; ++i) {
            to.at[i] = sameBits<float>(words.at[i]);
        }
    } else {
        to.at[0] = *from;
    }
}

template <bool Wide>
DEPTHSCOPE_DEVICE void load(const Brain* from, Pack<Brain, Wide>& to) {
    if (Wide) {
        const Words words = wordsAt(from);
        for (int i = 0; i < 4; ++i) {
            to.at[2 * i] = sameBits<float>(words.at[i] << 16U);
            to.at[2 * i + 1] = sameBits<float>(words.at[i] & 0xFFFF0000U);
        }
    } else {
        to.at[0] = widen(*from);
    }
}

/// As many floats as a pack of T has elements.
template <class T, bool Wide>
DEPTHSCOPE_DEVICE void loadFloats(const float* from, Pack<T, Wide>& to) {
    constexpr int kFloats = Pack<float, Wide>::kSize;
    for (int i = 0; i < Pack<T, Wide>::kSize; i += kFloats) {
        Pack<float, Wide> part;
        load(from + i, part);
        for (int j = 0; j < kFloats; ++j) {
            to.at[i + j] = part.at[j];
        }
    }
}

/// The sum of the values of `lanes` neighbours, a power of two up to a warp; each gets it.
template <class Thread>
DEPTHSCOPE_DEVICE float sumAcross(Thread& thread, float value, int lanes) {
    for (int mask = lanes / 2; mask > 0; mask /= 2) {
        value += thread.across(value, mask);
    }
    return value;
}

/// The sum of the values of a block's threads; each gets it. `scratch` is shared, a float a warp;
/// it may be used again behind the next sync().
template <class Thread>
DEPTHSCOPE_DEVICE float sumOfBlock(Thread& thread, float value, float* scratch) {
    value = sumAcross(thread, value, kWarp);
    if (thread.index() % kWarp == 0) {
        scratch[thread.index() / kWarp] = value;
    }
    thread.sync();
    float sum = 0;
    for (int warp = 0; warp < thread.count() / kWarp; ++warp) {
        sum += scratch[warp];
    }
    return sum;
}

} // namespace depthscope::ops::cuda
