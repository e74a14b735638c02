// SPDX-License-Identifier: MIT
// The product of SwiGLU, silu(gate) · up, over vectors of DEPTHSCOPE_VECTOR_BYTES; included by
// kernels_impl.h inside its unnamed namespace.
#pragma once

/// Outside of ±this e^x is no normal number.
constexpr float kMostExponent = 87.0F;

/// exp(v) for v up to kMostExponent, to 2 units in the last place: 2^n · e^f, f within ln(2)/2 of
/// 0, by its Taylor polynomial of degree 7 (the rest is below 1e-8). Smaller v count as
/// -kMostExponent.
inline Vector exponential(Vector v) {
    using Whole = std::int32_t __attribute__((vector_size(DEPTHSCOPE_VECTOR_BYTES)));
    constexpr float kLog2E = 1.44269504F, kLn2High = 0.693359375F, kLn2Low = -2.12194440e-4F;
    v = v < -kMostExponent ? Vector{} - kMostExponent : v;
    const Vector half = v < 0.0F ? Vector{} - 0.5F : Vector{} + 0.5F;
    const Whole n = __builtin_convertvector(v * kLog2E + half, Whole);
    const Vector whole = __builtin_convertvector(n, Vector);
    const Vector f = v - whole * kLn2High - whole * kLn2Low;
    Vector sum = Vector{} + 1.0F / 5040;
    for (const float term : {1.0F / 720, 1.0F / 120, 1.0F / 24, 1.0F / 6, 0.5F, 1.0F, 1.0F}) {
        sum = sum * f + term;
    }
    const Whole power = (n + 127) << 23;
    Vector scale;
    std::memcpy(&scale, &power, sizeof scale);
    return sum * scale;
}

/// A gate below -kMostExponent counts as that: silu is 0 there but for 1e-36.
inline Vector gatedOne(Vector g, Vector up) {
    g = g < -kMostExponent ? Vector{} - kMostExponent : g;
    return g / (1.0F + exponential(-g)) * up;
}

/// The rest goes through a vector too: no answer depends on the place of an element.
void gated(float* gate, const float* up, std::int64_t count) {
    std::int64_t i = 0;
    for (; i + kLanes <= count; i += kLanes) {
        const Vector product = gatedOne(load(gate + i), load(up + i));
        std::memcpy(gate + i, &product, sizeof product);
    }
    if (i < count) {
        const auto bytes = static_cast<std::size_t>(count - i) * sizeof(float);
        Vector g{}, by{};
        std::memcpy(&g, gate + i, bytes);
        std::memcpy(&by, up + i, bytes);
        const Vector product = gatedOne(g, by);
        std::memcpy(gate + i, &product, bytes);
    }
}
