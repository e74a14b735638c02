// SPDX-License-Identifier: MIT
// Checks an installed engine without a test framework: golden values, cached decoding, and of the
// device's operators parity with the ATen reference and gradients.
#include "engine/base/text.h"
#include "engine/generate/generator.h"
#include "engine/ops/route.h"
#include "engine/ops/token.h"
#include "engine/session/golden.h"
#include "engine/session/jobs.h"
#include "engine/session/token_case.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <cmath>
#include <functional>

namespace depthscope::session {

namespace {

/// fp32: golden values come from fp64 and are printed with six digits; CUDA sums in other orders
/// (TF32 is off).
constexpr double kCpuTolerance = 2e-5;
constexpr double kCudaTolerance = 1e-4;

/// bfloat16 keeps 8 bits, and what is compared is below 8.
constexpr double kBrainTolerance = 8.0 / 256.0;

using Check = runtime::SelftestReport::Check;

class SelftestJob final : public Job {
public:
    SelftestJob(Workspace& workspace, JobId id, Publish publish)
        : m_device(workspace.device)
        , m_publish(std::move(publish)) {
        m_report.job = id;
    }

    bool step() override {
        const c10::NoGradGuard noGrad;
        for (const GoldenCase& wanted : goldenCases()) {
            golden(wanted);
            cachedDecoding(wanted);
        }
        goldenExperts();
        operators();
        tokenOperators();
        gradients();
        m_publish(m_report);
        return false;
    }

private:
    [[nodiscard]] double tolerance() const {
        return m_device.is_cuda() ? kCudaTolerance : kCpuTolerance;
    }

    void add(const std::string& name, bool passed, const std::string& detail) {
        m_report.checks.push_back({name, passed, detail});
    }

    void golden(const GoldenCase& wanted) {
        const models::LanguageModel model = goldenModel(wanted, m_device);
        settings::RoutingSettings requested;
        requested.rule = wanted.rule;
        models::Pass pass;
        pass.ids = at::tensor(goldenIds(), at::kLong).unsqueeze(0).to(m_device);
        pass.routing = spec::resolveRouting(model.config(), requested, spec::RoutingUse::Pass);
        model.run(pass);
        const at::Tensor depth = pass.depth[0].cpu();
        const bool depthRight = at::equal(depth, at::tensor(wanted.depth, at::kLong));
        const at::Tensor row = pass.logits[0][pass.ids.size(1) - 1].cpu();
        double worst = 0;
        for (std::size_t v = 0; v < wanted.lastLogits.size(); ++v) {
            worst = std::max(worst, std::abs(row[static_cast<std::int64_t>(v)].item<double>() -
                                             wanted.lastLogits[v]));
        }
        add(std::string("golden ") + wanted.name, depthRight && worst <= tolerance(),
            fmt::format("{}, logits within {:f}", depthRight ? "depths equal" : "depths differ",
                        worst));
    }

    void goldenExperts() {
        const GoldenMore wanted = goldenMore();
        const models::LanguageModel model = goldenMoreModel(m_device);
        models::Pass pass;
        pass.ids = at::tensor(wanted.ids, at::kLong).unsqueeze(0).to(m_device);
        pass.routing = spec::resolveRouting(model.config(), {}, spec::RoutingUse::Pass);
        model.run(pass);
        const at::Tensor experts =
            at::cat({pass.experts.at(0).index.flatten(), pass.experts.at(1).index.flatten()}).cpu();
        const bool routed = at::equal(experts, at::tensor(wanted.experts, at::kLong));
        const at::Tensor logits = pass.logits[0].cpu();
        const double loss =
            at::cross_entropy_loss(logits, at::tensor(wanted.targets, at::kLong)).item<double>();
        double worst = std::abs(loss - wanted.loss);
        for (std::size_t v = 0; v < wanted.lastLogits.size(); ++v) {
            worst =
                std::max(worst, std::abs(logits[5][static_cast<std::int64_t>(v)].item<double>() -
                                         wanted.lastLogits[v]));
        }
        add("golden MORE", routed && worst <= tolerance(),
            fmt::format("{}, loss and logits within {:f}",
                        routed ? "experts equal" : "experts differ", worst));
    }

    void cachedDecoding(const GoldenCase& wanted) {
        if (wanted.rule == settings::Rule::TopK) {
            return;
        }
        const models::LanguageModel model = goldenModel(wanted, m_device);
        const spec::ResolvedRouting routing =
            spec::resolveRouting(model.config(), {}, spec::RoutingUse::Generation);
        const auto ids = goldenIds();
        generate::Generator cached(model, routing, true);
        generate::Generator fresh(model, routing, false);
        const std::vector<std::int32_t> prompt{static_cast<std::int32_t>(ids[0]),
                                               static_cast<std::int32_t>(ids[1])};
        static_cast<void>(cached.prefill(prompt));
        static_cast<void>(fresh.prefill(prompt));
        double worst = 0;
        for (std::size_t t = 2; t < ids.size(); ++t) {
            static_cast<void>(cached.feed(static_cast<std::int32_t>(ids[t])));
            static_cast<void>(fresh.feed(static_cast<std::int32_t>(ids[t])));
            const auto a = cached.lastLogits();
            const auto b = fresh.lastLogits();
            for (std::size_t v = 0; v < a.size(); ++v) {
                worst = std::max(worst, static_cast<double>(std::abs(a[v] - b[v])));
            }
        }
        add(std::string("cached decoding ") + wanted.name, worst <= tolerance(),
            fmt::format("logits within {:f}", worst));
    }

    /// The device's operators against the reference on the CPU, for sizes from one token to
    /// thousands.
    void operators() {
        for (const std::int64_t tokens : {1, 7, 64, 513, 4096}) {
            const at::Tensor scores = at::rand({3, tokens});
            scores.slice(1, 0, tokens, 3).fill_(0.5); // ties
            const at::Tensor x = at::randn({3, tokens, 48});
            const std::int64_t k = std::max<std::int64_t>(1, tokens * 2 / 3);
            const at::Tensor positions = ops::topkPositions(scores, k);
            const at::Tensor h = at::randn({3, k, 48});
            const at::Tensor gate = at::rand({3, k});
            const at::Tensor rows = ops::gatherRows(x, positions);
            const at::Tensor sum = ops::gatedScatter(x, positions, h, gate);
            const at::Tensor there = ops::topkPositions(scores.to(m_device), k);
            const bool same = at::equal(there.cpu(), positions) &&
                              at::equal(ops::gatherRows(x.to(m_device), there).cpu(), rows);
            const double worst =
                (ops::gatedScatter(x.to(m_device), there, h.to(m_device), gate.to(m_device)).cpu() -
                 sum)
                    .abs()
                    .max()
                    .item<double>();
            add(fmt::format("operators, {} tokens", tokens), same && worst <= kCpuTolerance,
                fmt::format("{} against the reference: {:f}", m_device.str(), worst));
        }
    }

    /// The operators over single tokens, in both types, against those of the CPU.
    void tokenOperators() {
        for (const auto type : {at::kFloat, at::kBFloat16}) {
            const TokenCase token(type);
            const std::vector<at::Tensor> wanted = token.run(at::kCPU), got = token.run(m_device);
            double worst = 0;
            for (std::size_t i = 0; i < wanted.size(); ++i) {
                worst = std::max(worst, (got[i].cpu().to(at::kDouble) - wanted[i].to(at::kDouble))
                                            .abs()
                                            .max()
                                            .item<double>());
            }
            const bool same =
                type != at::kFloat || at::equal(got.back().cpu(), wanted.back()); // experts
            add(fmt::format("token operators, {}", c10::toString(type)),
                same && worst <= (type == at::kFloat ? tolerance() : kBrainTolerance),
                fmt::format("{} against the CPU: {:f}", m_device.str(), worst));
        }
    }

    /// The operators' derivatives against central differences, in fp64.
    void gradients() {
        const at::TensorOptions wide = at::TensorOptions().dtype(at::kDouble);
        const auto leaf = [&](at::IntArrayRef shape) {
            return at::randn(shape, wide).to(m_device).set_requires_grad(true);
        };
        const at::Tensor positions =
            at::tensor(std::vector<std::int64_t>{0, 2, 4, 1, 2, 3}, at::kLong)
                .view({2, 3})
                .to(m_device);
        const at::Tensor toward = at::randn({2, 3, 4}, wide).to(m_device);
        const at::Tensor everywhere = at::randn({2, 5, 4}, wide).to(m_device);
        const at::Tensor x = leaf({2, 5, 4});
        addGradient("gather_rows", {x},
                    [&] { return (ops::gatherRows(x, positions) * toward).sum(); });
        const at::Tensor h = leaf({2, 3, 4});
        const at::Tensor gate = leaf({2, 3});
        addGradient("gated_scatter", {x, h, gate},
                    [&] { return (ops::gatedScatter(x, positions, h, gate) * everywhere).sum(); });
    }

    void addGradient(const char* op,
                     const std::vector<at::Tensor>& leaves,
                     const std::function<at::Tensor()>& value) {
        {
            const c10::AutoGradMode grad(true);
            value().backward();
        }
        constexpr double kStep = 1e-6, kTolerance = 1e-7; // rounding of fp64 over the step
        double worst = 0;
        for (const at::Tensor& leaf : leaves) {
            const at::Tensor flat = leaf.detach().view(-1);
            const at::Tensor slopes = leaf.grad().cpu().contiguous().view(-1);
            for (std::int64_t i = 0; i < flat.numel(); ++i) {
                const auto valueAt = [&](double shift) {
                    flat[i].add_(shift);
                    const auto at = value().item<double>();
                    flat[i].sub_(shift);
                    return at;
                };
                const double slope = (valueAt(kStep) - valueAt(-kStep)) / (2 * kStep);
                worst = std::max(worst, std::abs(slope - slopes[i].item<double>()));
            }
            leaf.mutable_grad().reset();
        }
        add(std::string("gradient of ") + op, worst <= kTolerance,
            fmt::format("{} against finite differences: {:f}", m_device.str(), worst));
    }

    at::Device m_device;
    Publish m_publish;
    runtime::SelftestReport m_report;
};

} // namespace

std::unique_ptr<Job> makeSelftestJob(Workspace& workspace, JobId id, Publish publish) {
    return std::make_unique<SelftestJob>(workspace, id, std::move(publish));
}

} // namespace depthscope::session
