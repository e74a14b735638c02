// SPDX-License-Identifier: MIT
// One query of listed attention and its gradient, over vectors of DEPTHSCOPE_VECTOR_BYTES; included
// by kernels_impl.h inside its unnamed namespace.
#pragma once

template <class T>
struct Wide;

template <>
struct Wide<float> {
    using V = float __attribute__((vector_size(DEPTHSCOPE_VECTOR_BYTES)));
};

template <>
struct Wide<double> {
    using V = double __attribute__((vector_size(DEPTHSCOPE_VECTOR_BYTES)));
};

template <class T>
constexpr std::int64_t kWidth = DEPTHSCOPE_VECTOR_BYTES / static_cast<std::int64_t>(sizeof(T));

template <class T>
inline typename Wide<T>::V loadWide(const T* from) {
    typename Wide<T>::V v;
    std::memcpy(&v, from, sizeof v);
    return v;
}

template <class T>
inline T sumOf(typename Wide<T>::V v) {
    T lanes[kWidth<T>];
    std::memcpy(lanes, &v, sizeof v);
    for (std::int64_t n = kWidth<T> / 2; n > 0; n /= 2) {
        for (std::int64_t i = 0; i < n; ++i) {
            lanes[i] += lanes[i + n];
        }
    }
    return lanes[0];
}

template <class T>
inline T dotOf(const T* a, const T* b, std::int64_t n) {
    typename Wide<T>::V first = {}, second = {};
    std::int64_t i = 0;
    for (; i + 2 * kWidth<T> <= n; i += 2 * kWidth<T>) {
        first += loadWide(a + i) * loadWide(b + i);
        second += loadWide(a + i + kWidth<T>) * loadWide(b + i + kWidth<T>);
    }
    T sum = sumOf<T>(first + second);
    for (; i < n; ++i) {
        sum += a[i] * b[i];
    }
    return sum;
}

/// to += by · row
template <class T>
inline void addScaled(T* to, const T* row, T by, std::int64_t n) {
    std::int64_t i = 0;
    for (; i + kWidth<T> <= n; i += kWidth<T>) {
        const typename Wide<T>::V sum = loadWide(to + i) + loadWide(row + i) * by;
        std::memcpy(to + i, &sum, sizeof sum);
    }
    for (; i < n; ++i) {
        to[i] += row[i] * by;
    }
}

/// to += sum over the list of weights[s] · row of entry s, the sums staying in registers.
template <class T>
inline void addListed(T* to,
                      const T* rows,
                      const depthscope::ops::cpu::KeyList& list,
                      const T* weights,
                      std::int64_t n) {
    using V = typename Wide<T>::V;
    constexpr std::int64_t kParts = 4;
    std::int64_t i = 0;
    for (; i + kParts * kWidth<T> <= n; i += kParts * kWidth<T>) {
        V sums[kParts] = {};
        for (std::int64_t s = 0; s < list.count; ++s) {
            const T* row = rows + list.entries[s] * n + i;
            for (std::int64_t part = 0; part < kParts; ++part) {
                sums[part] += loadWide(row + part * kWidth<T>) * weights[s];
            }
        }
        for (std::int64_t part = 0; part < kParts; ++part) {
            const V sum = loadWide(to + i + part * kWidth<T>) + sums[part];
            std::memcpy(to + i + part * kWidth<T>, &sum, sizeof sum);
        }
    }
    for (; i < n; ++i) {
        T sum = 0;
        for (std::int64_t s = 0; s < list.count; ++s) {
            sum += rows[list.entries[s] * n + i] * weights[s];
        }
        to[i] += sum;
    }
}

/// e^(x - most) in place; the buffer has room for whole vectors.
inline void exponentials(float* x, std::int64_t count, float most) {
    for (std::int64_t i = 0; i < count; i += kLanes) {
        const Vector e = exponential(load(x + i) - most);
        std::memcpy(x + i, &e, sizeof e);
    }
}

inline void exponentials(double* x, std::int64_t count, double most) {
    for (std::int64_t i = 0; i < count; ++i) {
        x[i] = std::exp(x[i] - most);
    }
}

template <class T>
void logitsOf(const depthscope::ops::cpu::ListedHead<T>& head, T* logits) {
    for (std::int64_t s = 0; s < head.list.count; ++s) {
        logits[s] = head.scale *
                    dotOf(head.query, head.keys + head.list.entries[s] * head.width, head.width);
    }
}

template <class T>
T attendListed(const depthscope::ops::cpu::ListedHead<T>& head, T* out, T* buffer) {
    logitsOf(head, buffer);
    T most = buffer[0];
    for (std::int64_t s = 1; s < head.list.count; ++s) {
        most = buffer[s] > most ? buffer[s] : most;
    }
    exponentials(buffer, head.list.count, most);
    T sum = 0;
    for (std::int64_t s = 0; s < head.list.count; ++s) {
        sum += buffer[s];
    }
    for (std::int64_t s = 0; s < head.list.count; ++s) {
        buffer[s] /= sum;
    }
    std::memset(out, 0, static_cast<std::size_t>(head.width) * sizeof(T));
    addListed(out, head.values, head.list, buffer, head.width);
    return most + std::log(sum);
}

template <class T>
void attendListedBack(const depthscope::ops::cpu::ListedHead<T>& head,
                      const depthscope::ops::cpu::ListedGradient<T>& back,
                      T* buffer) {
    const std::int64_t count = head.list.count, n = head.width;
    logitsOf(head, buffer);
    exponentials(buffer, count, back.logSum);
    // One array after the other: rows of two that lie a multiple of 4096 bytes apart would make the
    // processor take a load for dependent on the store before it.
    for (std::int64_t s = 0; s < count; ++s) {
        addScaled(back.values + head.list.entries[s] * n, back.gradient, buffer[s], n);
    }
    const T delta = dotOf(back.gradient, back.out, n);
    for (std::int64_t s = 0; s < count; ++s) {
        const T* values = head.values + head.list.entries[s] * n;
        buffer[s] *= head.scale * (dotOf(back.gradient, values, n) - delta);
    }
    for (std::int64_t s = 0; s < count; ++s) {
        addScaled(back.keys + head.list.entries[s] * n, head.query, buffer[s], n);
    }
    std::memset(back.query, 0, static_cast<std::size_t>(n) * sizeof(T));
    addListed(back.query, head.keys, head.list, buffer, n);
}
