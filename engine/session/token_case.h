// SPDX-License-Identifier: MIT
// A case for the operators of a layer (ops/layer.h) and over single tokens (ops/token.h,
// token_run.h), to be run on two devices: grouped heads, entries of several warps, experts of which
// two are chosen. Engine thread.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace depthscope::session {

class TokenCase {
public:
    explicit TokenCase(at::ScalarType type);

    /// The results of every operator and what they wrote; in fp32 the chosen experts come last.
    [[nodiscard]] std::vector<at::Tensor> run(at::Device device) const;

private:
    at::Tensor m_x, m_gain, m_q, m_k, m_v, m_o, m_cosine, m_sine, m_keys, m_values;
    at::Tensor m_gate, m_up, m_down, m_router;
    std::vector<at::Tensor> m_experts;
};

} // namespace depthscope::session
