// SPDX-License-Identifier: MIT
#include "tests/engine/session/grid_family.h"

#include "engine/base/json.h"
#include "engine/models/routed.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <utility>
#include <vector>

namespace depthscope::tests {

namespace {

constexpr std::int64_t kPlaces = kGridRows * kGridColumns;
constexpr std::int64_t kWidth = 8;
constexpr std::int64_t kBytesPerPlace = 2 * kWidth * sizeof(float); ///< of keys and values
constexpr double kBlockFlops = 2.0 * kWidth * kWidth;

struct GridSlot final : session::ModelSlot {
    at::Tensor clean;                             // [1, N, D] what denoising leads to
    at::Tensor block;                             // [D, D]
    std::vector<std::vector<at::Tensor>> routers; // [R] of one [1, D]
    at::Tensor gate;                              // [experts, D]
};

std::shared_ptr<spec::ModelInfo> infoOf(const std::filesystem::path& folder) {
    auto info = std::make_shared<spec::ModelInfo>();
    info->name = folder.filename().string();
    info->folder = folder.string();
    info->family = "grid";
    info->dtype = "float32";
    info->device = info->kernels = "cpu";
    info->router = spec::RouterKind::Expert;
    info->routerFunction = "sigmoid";
    info->layers = info->recursions = kGridRecursions;
    info->blockLayers = 1;
    info->experts = kGridExperts;
    info->trainedCapacity = {{1, 1}, {2, 3}, {1, 3}};
    info->passRules = {{settings::Rule::TopK}, settings::Rule::TopK};
    info->kvPolicies = {settings::KvPolicy::Recursion};
    return info;
}

std::shared_ptr<session::ModelSlot> loadGrid(const session::Workspace&,
                                             const std::filesystem::path& folder,
                                             const std::function<void(double)>& progress) {
    const JsonFile file(folder / "config.json", 1U << 16U);
    at::manual_seed(static_cast<std::uint64_t>(file.root().at("seed").integer()));
    auto slot = std::make_shared<GridSlot>();
    slot->clean = at::randn({1, kPlaces, kWidth});
    slot->block = at::randn({kWidth, kWidth}) * 0.2;
    slot->gate = at::randn({kGridExperts, kWidth});
    for (int r = 0; r < kGridRecursions; ++r) {
        slot->routers.push_back({at::randn({1, kWidth})});
    }
    progress(1.0);
    slot->info = infoOf(folder);
    return slot;
}

/// A pass over all places for each of the noise levels.
class GridPassJob final : public runtime::Job {
public:
    GridPassJob(session::Workspace& workspace,
                runtime::JobId id,
                runtime::PassRequest request,
                runtime::Publish publish)
        : m_slot(std::dynamic_pointer_cast<const GridSlot>(workspace.require(request.role)))
        , m_id(id)
        , m_run(workspace.nextRun++)
        , m_request(std::move(request))
        , m_publish(std::move(publish)) {}

    bool step() override {
        const c10::NoGradGuard noGrad;
        const double noise = 1.0 - static_cast<double>(m_step) / kGridPasses;
        models::RoutedState state;
        state.routing.settings = resolved();
        state.routing.depth = kGridRecursions;
        state.x = m_slot->clean * (1 - noise) + noise * at::flip(m_slot->clean, {1});
        state.depth = at::zeros({1, kPlaces}, at::kLong);
        const auto block = [&](const at::Tensor& h, const models::ActiveSet&, int) {
            return at::tanh(at::matmul(h, m_slot->block));
        };
        for (int r = 0; r < kGridRecursions; ++r) {
            models::runExpertChoice({}, {m_slot->routers[static_cast<std::size_t>(r)], {}, {}},
                                    state, block, r);
        }
        m_publish(runtime::StepPublished{m_id, traceOf(state, noise)});
        return ++m_step < kGridPasses;
    }

private:
    [[nodiscard]] settings::RoutingSettings resolved() const {
        settings::RoutingSettings routing = m_request.routing;
        routing.rule = settings::Rule::TopK;
        routing.kv = settings::KvPolicy::Recursion;
        if (routing.capacity.empty()) {
            routing.capacity = m_slot->info->trainedCapacity;
        }
        return routing;
    }

    [[nodiscard]] trace::StepPtr traceOf(const models::RoutedState& state, double noise) const {
        auto step = std::make_shared<trace::StepTrace>();
        step->key = m_request.run;
        step->run = m_run;
        step->step = static_cast<std::uint32_t>(m_step);
        step->revision = m_request.revision;
        step->model = m_slot->info;
        step->settings = state.routing.settings;
        step->causal = false;
        trace::RoutingStep& routing = step->routing;
        routing.layout = {1, kGridRows, kGridColumns};
        routing.recursions = kGridRecursions;
        routing.noiseLevel = noise;
        routing.classSet = std::make_shared<const trace::ClassSet>(
            trace::ClassSet{"scene parts", {"sky", "edge", "face"}});
        for (std::int64_t place = 0; place < kPlaces; ++place) {
            const auto depth = state.depth[0][place].item<std::int64_t>();
            routing.depth.push_back(static_cast<std::uint8_t>(depth));
            routing.classes.push_back(static_cast<std::uint8_t>(place / kGridColumns % 3));
            routing.cost.flops += kBlockFlops * static_cast<double>(depth);
        }
        routing.cost.fullFlops = kBlockFlops * kGridRecursions * static_cast<double>(kPlaces);
        routing.cost.milliseconds = 1;
        for (const at::Tensor& scores : state.scores) {
            const at::Tensor row = scores.flatten().to(at::kFloat).contiguous();
            routing.scores.insert(routing.scores.end(), row.const_data_ptr<float>(),
                                  row.const_data_ptr<float>() + row.numel());
        }
        addExperts(routing, state.x);
        addMemory(routing, state);
        return step;
    }

    /// Those of a softmax above 0.3, at most three: often none.
    void addExperts(trace::RoutingStep& routing, const at::Tensor& x) const {
        const at::Tensor shares = at::softmax(at::matmul(x[0], m_slot->gate.t()), -1);
        const auto [weight, index] = at::topk(shares, 3, -1);
        trace::ExpertChoices choices{0, kGridExperts};
        for (std::int64_t place = 0; place < kPlaces; ++place) {
            for (std::int64_t k = 0; k < 3 && weight[place][k].item<float>() > 0.3F; ++k) {
                choices.index.push_back(
                    static_cast<std::uint8_t>(index[place][k].item<std::int64_t>()));
                choices.weight.push_back(weight[place][k].item<float>());
            }
            choices.endPlace();
        }
        routing.experts.push_back(std::move(choices));
    }

    static void addMemory(trace::RoutingStep& routing, const models::RoutedState& state) {
        for (std::size_t r = 0; r < state.activeTokens.size(); ++r) {
            routing.kv.groups.push_back(
                {static_cast<int>(r) + 1, kBytesPerPlace, state.activeTokens[r]});
            routing.kv.measuredBytes += kBytesPerPlace * state.activeTokens[r];
        }
        routing.kv.predictedBytes = routing.kv.reservedBytes = routing.kv.measuredBytes;
        routing.kv.fullBytes = kBytesPerPlace * kPlaces * kGridRecursions;
    }

    std::shared_ptr<const GridSlot> m_slot;
    runtime::JobId m_id;
    std::uint64_t m_run;
    runtime::PassRequest m_request;
    runtime::Publish m_publish;
    int m_step = 0;
};

std::unique_ptr<runtime::Job> passGrid(session::Workspace& workspace,
                                       runtime::JobId id,
                                       const runtime::PassRequest& request,
                                       const runtime::Publish& publish) {
    return std::make_unique<GridPassJob>(workspace, id, request, publish);
}

} // namespace

session::Family gridFamily() {
    return {"grid", &loadGrid, &passGrid};
}

} // namespace depthscope::tests
