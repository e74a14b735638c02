// SPDX-License-Identifier: MIT
// Runs the token kernels without a GPU (block_emulator.h), as engine/ops/cuda launches them, and
// records launches as a GPU does: with the arguments of now.
#pragma once

#include "engine/nn/memory.h"
#include "engine/ops/cuda/launcher.h"
#include "tests/engine/ops/cuda/block_emulator.h"

#include <functional>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace depthscope::tests {

namespace gpu = ops::cuda;

class EmulatedLauncher final : public gpu::Launcher {
public:
    int launches = 0;
    bool wide = false;      ///< some kernel loaded 16 bytes at once
    bool records = true;    ///< else it is a GPU that cannot
    bool allocated = false; ///< while it recorded
    int replays = 0;

    void rows(const gpu::Grid& grid, gpu::Form form, const gpu::RowsArgs& args) override {
        const bool typed = args.input.typed != nullptr;
        withForm(form, [&](auto type, auto isWide) {
            using T = decltype(type);
            constexpr bool kWide = decltype(isWide)::value;
            run(grid, [args, typed](EmulatedThread& thread) {
                typed ? gpu::rowsBody<T, kWide, true>(thread, args)
                      : gpu::rowsBody<T, kWide, false>(thread, args);
            });
        });
    }

    void expertRows(const gpu::Grid& grid,
                    gpu::Form form,
                    const gpu::RowsArgs& args,
                    const gpu::ExpertParts& parts) override {
        withForm(form, [&](auto type, auto isWide) {
            run(grid, [args, parts](EmulatedThread& thread) {
                gpu::expertRowsBody<decltype(type), decltype(isWide)::value>(thread, args, parts);
            });
        });
    }

    void attention(const gpu::Grid& grid, gpu::Form form, const gpu::AttentionArgs& args) override {
        withForm(form, [&](auto type, auto) {
            using T = decltype(type);
            run(grid, [args](EmulatedThread& thread) {
                if (args.headDim <= 2 * gpu::kWarp) {
                    gpu::attentionBody<T, 2>(thread, args);
                } else if (args.headDim <= 4 * gpu::kWarp) {
                    gpu::attentionBody<T, 4>(thread, args);
                } else {
                    gpu::attentionBody<T, 8>(thread, args);
                }
            });
        });
    }

    void choice(const gpu::Grid& grid,
                gpu::Form form,
                const gpu::ChoiceArgs& args,
                const gpu::ExpertTable& table) override {
        withForm(form, [&](auto type, auto) {
            run(grid, [args, table](EmulatedThread& thread) {
                gpu::choiceBody<decltype(type)>(thread, args, table);
            });
        });
    }

    void mixing(const gpu::Grid& grid, gpu::Form form, const gpu::MixingArgs& args) override {
        withForm(form, [&](auto type, auto) {
            run(grid,
                [args](EmulatedThread& thread) { gpu::mixingBody<decltype(type)>(thread, args); });
        });
    }

    void stage(const gpu::Grid& grid, const gpu::StageArgs& args) override {
        run(grid, [args](EmulatedThread& thread) { gpu::stageBody(thread, args); });
    }

    void
    rotate(const gpu::Grid& grid, gpu::Elements elements, const gpu::RotateArgs& args) override {
        run(grid, [args, elements](EmulatedThread& thread) {
            switch (elements) {
            case gpu::Elements::Float:
                return gpu::rotateBody<float, float, float>(thread, args);
            case gpu::Elements::Brain:
                return gpu::rotateBody<gpu::Brain, gpu::Brain, gpu::Brain>(thread, args);
            case gpu::Elements::Double:
                return gpu::rotateBody<double, double, double>(thread, args);
            case gpu::Elements::BrainByFloat:
                return gpu::rotateBody<gpu::Brain, float, float>(thread, args);
            }
        });
    }

    void gated(const gpu::Grid& grid, gpu::Elements elements, const gpu::GatedArgs& args) override {
        run(grid, [args, elements](EmulatedThread& thread) {
            if (elements == gpu::Elements::Double) {
                gpu::gatedBody<double>(thread, args);
            } else if (elements == gpu::Elements::Brain) {
                gpu::gatedBody<gpu::Brain>(thread, args);
            } else {
                gpu::gatedBody<float>(thread, args);
            }
        });
    }

    std::shared_ptr<void> record(const std::function<void(gpu::Launcher&)>& launchAll) override {
        if (!records) {
            return nullptr;
        }
        const auto recording = std::make_shared<std::vector<std::function<void()>>>();
        m_recording = recording.get();
        nn::resetPeakMemory(at::kCPU);
        const std::int64_t before = nn::memoryUse(at::kCPU).used;
        launchAll(*this);
        allocated = nn::memoryUse(at::kCPU).peak > before;
        m_recording = nullptr;
        return recording;
    }

    void replay(const std::shared_ptr<void>& recorded) override {
        ++replays;
        for (const auto& launch :
             *static_cast<std::vector<std::function<void()>>*>(recorded.get())) {
            launch();
        }
    }

private:
    void run(const gpu::Grid& grid, EmulatedBody body) {
        if (m_recording != nullptr) {
            m_recording->push_back(
                [grid, body = std::move(body)] { BlockEmulator::run(grid, body); });
            return;
        }
        ++launches;
        BlockEmulator::run(grid, body);
    }

    template <class Use>
    void withForm(gpu::Form form, Use use) {
        wide = wide || form.wide;
        if (form.brain) {
            form.wide ? use(gpu::Brain{}, std::true_type{}) : use(gpu::Brain{}, std::false_type{});
        } else {
            form.wide ? use(float{}, std::true_type{}) : use(float{}, std::false_type{});
        }
    }

    std::vector<std::function<void()>>* m_recording = nullptr;
};

} // namespace depthscope::tests
