// SPDX-License-Identifier: MIT
// What a forward pass of a video model does, counted by LibTorch itself: multiply-accumulates of
// every operator against the closed form, and the most bytes of tensors against our own counter.
#include "engine/nn/memory.h"
#include "engine/spec/video_macs.h"
#include "engine/spec/video_preset.h"
#include "tests/engine/models/video_fixture.h"
#include "tests/engine/tolerance.h"

#include <ATen/ATen.h>
#include <ATen/record_function.h>
#include <c10/core/Allocator.h>
#include <c10/core/GradMode.h>
#include <c10/util/ThreadLocalDebugInfo.h>

#include <QtTest>
#include <algorithm>
#include <cmath>
#include <memory>
#include <set>
#include <string>

using namespace depthscope;
using namespace depthscope::tests;

namespace {

/// Of the thread that counts; the callback is a plain function.
thread_local double t_macs = 0;
thread_local double t_listed = 0;   ///< of those: attention over listed keys
thread_local int t_listedDepth = 0; ///< its autograd function calls it again
thread_local std::set<std::string>* t_unknown = nullptr;

constexpr const char* kListed = "depthscope::listed_attention";

double numelOf(const c10::IValue& value) {
    return static_cast<double>(value.toTensor().numel());
}

/// Operators with products of their own, by name; what they call in turn has none of these names.
void countOperator(const at::RecordFunction& function) {
    const std::string name = function.name();
    const auto in = function.inputs();
    const auto columns = [&](std::size_t i) {
        return static_cast<double>(in[i].toTensor().size(-1));
    };
    if (name == "aten::addmm") { // bias, [M, K], [K, N]
        t_macs += numelOf(in[1]) * columns(2);
    } else if (name == "aten::mm" || name == "aten::bmm") {
        t_macs += numelOf(in[0]) * columns(1);
    } else if (name == "aten::_scaled_dot_product_flash_attention_for_cpu") {
        const at::Tensor& keys = in[1].toTensor(); // scores, and the sum of values
        t_macs += 2 * numelOf(in[0]) * static_cast<double>(keys.size(2));
    } else if (name == kListed) {
        if (++t_listedDepth > 1) {
            return;
        }
        const at::Tensor lengths = in[4].toTensor().index_select(0, in[5].toTensor().flatten());
        const at::Tensor& queries = in[0].toTensor();
        t_listed += 2 * lengths.sum().item<double>() *
                    static_cast<double>(queries.size(1) * queries.size(3));
    } else if (name.find("conv") != std::string::npos || name.find("matmul") == 0 ||
               name.find("baddbmm") != std::string::npos ||
               name.find("mkldnn") != std::string::npos) {
        t_unknown->insert(name);
    }
}

std::unique_ptr<at::ObserverContext> seen(const at::RecordFunction& function) {
    countOperator(function);
    return nullptr;
}

void ended(const at::RecordFunction& function, at::ObserverContext* /*context*/) {
    t_listedDepth -= std::string(function.name()) == kListed ? 1 : 0;
}

/// The products of everything that runs on this thread while it lives.
class OperatorCount {
public:
    OperatorCount() {
        t_macs = t_listed = 0;
        t_unknown = &m_unknown;
        m_handle = at::addThreadLocalCallback(at::RecordFunctionCallback(&seen, &ended)
                                                  .needsInputs(true)
                                                  .scopes({at::RecordScope::FUNCTION}));
    }

    ~OperatorCount() {
        at::removeCallback(m_handle);
        t_unknown = nullptr;
    }

    OperatorCount(const OperatorCount&) = delete;
    OperatorCount& operator=(const OperatorCount&) = delete;

    [[nodiscard]] const std::set<std::string>& unknown() const { return m_unknown; }

private:
    std::set<std::string> m_unknown;
    at::CallbackHandle m_handle = 0;
};

/// What LibTorch's allocator says: the most bytes at a time beyond those at the beginning.
struct AllocatorReport final : c10::MemoryReportingInfoBase {
    std::int64_t used = 0, most = 0;

    void reportMemoryUsage(void* /*data*/,
                           std::int64_t bytes,
                           std::size_t /*total*/,
                           std::size_t /*reserved*/,
                           c10::Device /*device*/) override {
        used += bytes;
        most = std::max(most, used);
    }

    [[nodiscard]] bool memoryProfilingEnabled() const override { return true; }
};

models::VideoModel modelOf(const std::string& preset) {
    const spec::VideoSpec& spec = spec::findVideoPreset(preset)->model;
    return {spec, busyWeights(spec, at::kFloat)};
}

models::SideInput inputOf(const spec::VideoSpec& spec, std::int64_t frames, float noise) {
    at::manual_seed(7);
    models::SideInput input;
    input.patches = at::randn({1, spec.gridOf(frames).count(), spec.patchValues()});
    input.noise = at::full({1}, noise);
    return input;
}

/// What the closed form of Stage 1 takes to be even and unbounded, as it was: keys of the experts
/// that were chosen, with borders; tokens that went to Motion; keys and values of the registers.
double
stageOneCorrection(const spec::VideoSpec& spec, const models::SidePass& pass, double listed) {
    const auto d = static_cast<double>(spec.width);
    const auto tokens = static_cast<double>(pass.side.grid.count());
    const spec::Extent3 grid = spec.grid();
    const double frames = static_cast<double>(grid.frames);
    const auto inFrame = static_cast<double>(grid.rows * grid.columns);
    const auto registers = static_cast<double>(spec.patterns->registers);
    const double planned = 2 * tokens * d * (frames + inFrame + 27 + registers + 1) / 4;
    const auto motion = static_cast<double>(
        pass.patterns.expert.eq(static_cast<std::int64_t>(spec::Pattern::Motion))
            .sum()
            .item<std::int64_t>());
    return listed - planned + (motion - tokens / 4) * d * d + 2 * registers * d * d;
}

} // namespace

class TestVideoWork : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void productsOfEveryOperator_data() {
        QTest::addColumn<QString>("preset");
        QTest::addColumn<double>("apart"); // of the closed form as it is
        QTest::newRow("nano-dit") << "nano-dit" << 0.0;
        QTest::newRow("demo-dit") << "demo-dit" << 0.0;
        QTest::newRow("tiny-dit") << "tiny-dit" << 0.0;
        for (const char* name : {"nano-more-dit", "demo-more-dit", "tiny-more-dit"}) {
            QTest::newRow(name) << name << kEvenExperts;
        }
    }

    void productsOfEveryOperator() {
        QFETCH(QString, preset);
        QFETCH(double, apart);
        const models::VideoModel model = modelOf(preset.toStdString());
        const spec::VideoSpec& spec = model.spec();
        const models::SideInput input = inputOf(spec, spec.clip.frames, 0.5F);
        const c10::NoGradGuard noGrad;
        static_cast<void>(model.runTarget(input, nullptr)); // makes what is made once
        const OperatorCount count;
        const models::SidePass pass = model.runTarget(input, nullptr);
        QVERIFY2(count.unknown().empty(),
                 count.unknown().empty() ? "" : count.unknown().begin()->c_str());
        const double counted = t_macs + t_listed;
        const double form = spec::videoMacs(spec, spec::wholeClip(spec)).total();
        const double exact =
            form + (spec.patterns ? stageOneCorrection(spec, pass, t_listed) : 0.0);
        QVERIFY2(std::abs(counted - exact) < 0.5,
                 qPrintable(QString("counted %1, formula %2, with the choices as they were %3")
                                .arg(counted, 0, 'f', 0)
                                .arg(form, 0, 'f', 0)
                                .arg(exact, 0, 'f', 0)));
        QVERIFY2(std::abs(counted / form - 1) <= apart,
                 qPrintable(QString::number(counted / form)));
    }

    /// A denoising step behind a context whose keys are kept.
    void productsBehindTheContext() {
        const models::VideoModel model = modelOf("demo-dit");
        const spec::VideoSpec& spec = model.spec();
        const c10::NoGradGuard noGrad;
        models::ContextMemory memory;
        static_cast<void>(model.runContext(inputOf(spec, spec.contextFrames, 0), memory));
        const models::SideInput input = inputOf(spec, spec.clip.frames - spec.contextFrames, 0.5F);
        const OperatorCount count;
        static_cast<void>(model.runTarget(input, &memory));
        QCOMPARE(t_macs, spec::videoMacs(spec, spec::targetSide(spec)).total());
    }

    /// Both ways of counting see each allocation of the same pass.
    void mostBytes() {
        const models::VideoModel model = modelOf("demo-more-dit");
        const models::SideInput input = inputOf(model.spec(), model.spec().clip.frames, 0.5F);
        const c10::NoGradGuard noGrad;
        const auto run = [&] { static_cast<void>(model.runTarget(input, nullptr)); };
        run();
        auto report = std::make_shared<AllocatorReport>();
        {
            const c10::DebugInfoGuard guard(c10::DebugInfoKind::PROFILER_STATE, report);
            run();
        }
        QVERIFY(report->most > 0);
        QCOMPARE(report->used, std::int64_t{0});
        nn::installCountingAllocator();
        run();
        const std::int64_t before = nn::memoryUse(at::kCPU).used;
        nn::resetPeakMemory(at::kCPU);
        run();
        QCOMPARE(nn::memoryUse(at::kCPU).peak - before, report->most);
        // More than the states of all tokens, less than all that a pass makes.
        const auto states =
            static_cast<std::int64_t>(model.spec().grid().count() * model.spec().width * 4);
        QVERIFY(report->most > 4 * states && report->most < 200 * states);
    }
};

QTEST_APPLESS_MAIN(TestVideoWork)
#include "tst_video_work.moc"
