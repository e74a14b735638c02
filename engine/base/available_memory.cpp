// SPDX-License-Identifier: MIT
#include "engine/base/available_memory.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>

namespace depthscope {

namespace {

constexpr double kNothingSaid = std::numeric_limits<double>::infinity();

double numberIn(const char* file) {
    std::ifstream stream(file);
    double number = 0;
    return stream >> number ? number : kNothingSaid; // "max": no limit
}

/// The value behind a word that begins a line; infinity: there is no such line.
double valueOf(const char* file, const std::string& word) {
    std::ifstream stream(file);
    std::string name, rest;
    double value = 0;
    while (stream >> name >> value && std::getline(stream, rest)) {
        if (name == word) {
            return value;
        }
    }
    return kNothingSaid;
}

/// Of the control group, which containers and job systems use. Cached files give way.
double leftInGroup() {
    const double most = numberIn("/sys/fs/cgroup/memory.max");
    const double used = numberIn("/sys/fs/cgroup/memory.current");
    const double cached = valueOf("/sys/fs/cgroup/memory.stat", "file");
    return most < kNothingSaid && used < kNothingSaid && cached < kNothingSaid
               ? std::max(0.0, most - used + cached)
               : kNothingSaid;
}

double leftOnMachine() {
    constexpr double kKibibyte = 1024;
    return kKibibyte * valueOf("/proc/meminfo", "MemAvailable:");
}

} // namespace

double availableMemory() {
    return std::min(leftOnMachine(), leftInGroup());
}

} // namespace depthscope
