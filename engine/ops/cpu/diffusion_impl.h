// SPDX-License-Identifier: MIT
// The kernels of ops/diffusion.h; a part of kernels_impl.h.
#pragma once

inline float sumOf(Vector v) {
    float sum = 0;
    const Vector parts[1] = {v};
    addSums(parts, &sum);
    return sum;
}

/// Two passes over the row, so that the variance is no difference of large numbers.
void modulateRow(const depthscope::ops::cpu::ModulatedRow& row, float* out) {
    const std::int64_t whole = row.count / kLanes * kLanes;
    const auto width = static_cast<float>(row.count);
    Vector lanes = {};
    for (std::int64_t i = 0; i < whole; i += kLanes) {
        lanes += load(row.x + i);
    }
    float sum = sumOf(lanes);
    for (std::int64_t i = whole; i < row.count; ++i) {
        sum += row.x[i];
    }
    const float mean = sum / width;
    lanes = Vector{};
    for (std::int64_t i = 0; i < whole; i += kLanes) {
        const Vector apart = load(row.x + i) - mean;
        lanes += apart * apart;
    }
    float squared = sumOf(lanes);
    for (std::int64_t i = whole; i < row.count; ++i) {
        squared += (row.x[i] - mean) * (row.x[i] - mean);
    }
    const float factor = 1.0F / std::sqrt(squared / width + row.epsilon);
    for (std::int64_t i = 0; i < row.count; ++i) {
        out[i] = (row.x[i] - mean) * factor * (1.0F + row.scale[i]) + row.shift[i];
    }
}

void turnHead(const float* x,
              const float* cosine,
              const float* sine,
              std::int64_t half,
              float* out) {
    for (std::int64_t i = 0; i < half; ++i) {
        const float a = x[i], b = x[half + i];
        out[i] = a * cosine[i] - b * sine[i];
        out[half + i] = b * cosine[i] + a * sine[i];
    }
}
