// SPDX-License-Identifier: MIT
// A program built without recordings (DEPTHSCOPE_RECORDING=OFF) says so where one is asked for.
#include "app/cli/recorder.h"
#include "engine/base/error.h"

#include <utility>

namespace depthscope::recording {
class Writer {};
} // namespace depthscope::recording

namespace depthscope::cli {

Recorder::Recorder(std::string file)
    : m_file(std::move(file)) {
    if (wanted()) {
        throw Error(ErrorCode::Usage, "--record: this program was built without recordings",
                    "Build it with DEPTHSCOPE_RECORDING=ON.");
    }
}

Recorder::~Recorder() = default;

void Recorder::begin(const runtime::Prompt& /*prompt*/, const settings::LabSettings& /*settings*/) {
}

void Recorder::see(const runtime::Event& /*event*/) {}

void Recorder::close() {}

} // namespace depthscope::cli
