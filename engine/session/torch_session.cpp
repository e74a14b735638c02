// SPDX-License-Identifier: MIT
// The torch half of the runtime: device and threads at the start, then one job for each request.
#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/nn/memory.h"
#include "engine/session/cuda_plugin.h"
#include "engine/session/family.h"
#include "engine/session/jobs.h"
#include "engine/session/threads.h"

#include <ATen/Context.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <new>
#include <span>
#include <thread>
#include <type_traits>

namespace depthscope::session {

const tokenizers::Tokenizer& LanguageSlot::requireTokenizer() const {
    if (tokenizerError) {
        throw Error(*tokenizerError);
    }
    if (tokenizer == nullptr) {
        throw Error(
            ErrorCode::BadInput,
            fmt::format("{}: no tokenizer, so text input is not available", info->folder),
            "Add the model's tokenizer.json to the folder, or give token ids (--ids 3,7,1).");
    }
    return *tokenizer;
}

std::shared_ptr<const ModelSlot> Workspace::require(runtime::ModelRole role) const {
    std::shared_ptr<const ModelSlot> held = slots.at(static_cast<std::size_t>(role));
    if (held == nullptr) {
        throw Error(ErrorCode::Usage,
                    role == runtime::ModelRole::Main ? "no model is loaded"
                                                     : "no vanilla model is loaded",
                    "Open a model folder first.");
    }
    return held;
}

std::shared_ptr<const LanguageSlot> Workspace::requireLanguage(runtime::ModelRole role) const {
    const std::shared_ptr<const ModelSlot> held = require(role);
    auto language = std::dynamic_pointer_cast<const LanguageSlot>(held);
    if (language == nullptr) {
        throw Error(ErrorCode::Usage,
                    fmt::format("{} is of family {}, which does not process text", held->info->name,
                                held->info->family),
                    "Open a language model.");
    }
    return language;
}

namespace {

at::Device chooseDevice(const std::string& requested) {
    if (requested == "cpu") {
        return at::kCPU;
    }
    const bool cuda = at::hasCUDA() && at::detail::getCUDAHooks().deviceCount() > 0;
    if (requested == "auto") {
        return cuda ? at::Device(at::kCUDA, 0) : at::Device(at::kCPU);
    }
    const std::string index = requested == "cuda"              ? "0"
                              : requested.starts_with("cuda:") ? requested.substr(5)
                                                               : "";
    const bool number = !index.empty() && index.size() <= 2 &&
                        index.find_first_not_of("0123456789") == std::string::npos;
    if (number && cuda && std::stoi(index) < at::detail::getCUDAHooks().deviceCount()) {
        return {at::kCUDA, static_cast<c10::DeviceIndex>(std::stoi(index))};
    }
    throw Error(number ? ErrorCode::Device : ErrorCode::Usage,
                fmt::format("device {} not found", requested),
                "Choose auto or cpu; depthscope-cli info lists the devices.");
}

at::ScalarType chooseDtype(const std::string& requested) {
    if (requested == "float32" || requested == "auto") {
        return at::kFloat;
    }
    if (requested == "bfloat16") {
        return at::kBFloat16;
    }
    throw Error(ErrorCode::Usage, fmt::format("dtype {} is not supported", requested),
                "Choose auto, float32 or bfloat16.");
}

class TorchSession final : public runtime::Session {
public:
    TorchSession(const runtime::EngineOptions& options, std::span<const Family> families) {
        nn::installCountingAllocator();
        m_workspace.options = options;
        m_workspace.families = families;
        m_workspace.whyNoCuda =
            options.device == "cpu" ? "device cpu was requested" : openCudaPlugin();
        m_workspace.device = chooseDevice(options.device);
        if (m_workspace.device.is_cpu() && m_workspace.whyNoCuda.empty()) {
            m_workspace.whyNoCuda = "the driver reports no device";
        }
        m_workspace.dtype = chooseDtype(options.dtype);
        m_workspace.keepsLargeBfloat16 = options.dtype == "auto";
        const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
        m_workspace.interactiveThreads =
            options.threads > 0 ? options.threads : measureBestThreads(cores);
        const int background = options.interactive ? std::max(1, cores - 1) : cores;
        m_workspace.backgroundThreads = std::min(background, m_workspace.interactiveThreads);
    }

    [[nodiscard]] std::unique_ptr<Job>
    start(JobId id, const runtime::Request& request, const Publish& publish) override {
        return std::visit([&](const auto& requested) { return startOne(id, requested, publish); },
                          request);
    }

    [[nodiscard]] runtime::EngineStatus status() const override {
        runtime::EngineStatus status;
        status.device = m_workspace.device.str();
        status.threads = m_workspace.interactiveThreads;
        const nn::MemoryUse memory = nn::memoryUse(m_workspace.device);
        status.memoryBytes = memory.used;
        status.memoryReservedBytes = memory.reserved;
        status.syncs = m_workspace.syncs;
        return status;
    }

    [[nodiscard]] Error translate(const std::exception& error) override {
        if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr ||
            dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr) {
            m_workspace.snapshot.reset();
            m_workspace.prompt.reset();
            nn::releaseCaches(m_workspace.device);
            return {ErrorCode::OutOfMemory, "out of memory",
                    "Choose a smaller model or a shorter text."};
        }
        if (const auto* torch = dynamic_cast<const c10::Error*>(&error)) {
            return {ErrorCode::Internal, torch->what_without_backtrace(),
                    "This is a bug: report it with the steps that led to it."};
        }
        return {ErrorCode::Internal, error.what(),
                "This is a bug: report it with the steps that led to it."};
    }

private:
    template <class OneRequest>
    std::unique_ptr<Job> startOne(JobId id, const OneRequest& requested, const Publish& publish) {
        if constexpr (std::is_same_v<OneRequest, runtime::LoadRequest>) {
            return makeLoadJob(m_workspace, id, requested, publish);
        } else if constexpr (std::is_same_v<OneRequest, runtime::PassRequest>) {
            return m_workspace.require(requested.role)
                ->family->pass(m_workspace, id, requested, publish);
        } else if constexpr (std::is_same_v<OneRequest, runtime::ConvergenceRequest>) {
            return makeConvergenceJob(m_workspace, id, requested, publish);
        } else if constexpr (std::is_same_v<OneRequest, runtime::GenerateRequest>) {
            return makeGenerateJob(m_workspace, id, requested, publish);
        } else if constexpr (std::is_same_v<OneRequest, runtime::BatchRequest>) {
            return makeBatchJob(m_workspace, id, requested, publish);
        } else if constexpr (std::is_same_v<OneRequest, runtime::ScoreRequest>) {
            return makeScoreJob(m_workspace, id, requested, publish);
        } else if constexpr (std::is_same_v<OneRequest, runtime::TrainRequest>) {
            return makeTrainJob(m_workspace, id, requested, publish);
        } else if constexpr (std::is_same_v<OneRequest, runtime::ExperimentRequest>) {
            return makeExperimentJob(id, requested, publish);
        } else if constexpr (std::is_same_v<OneRequest, runtime::VideoSampleRequest>) {
            return makeVideoSampleJob(m_workspace, id, requested, publish);
        } else if constexpr (std::is_same_v<OneRequest, runtime::VideoScoreRequest>) {
            return makeVideoScoreJob(m_workspace, id, requested, publish);
        } else if constexpr (std::is_same_v<OneRequest, runtime::VideoProbeRequest>) {
            return makeVideoProbeJob(m_workspace, id, publish);
        } else if constexpr (std::is_same_v<OneRequest, runtime::TokenizerTrainRequest>) {
            return makeTokenizerTrainJob(id, requested, publish);
        } else if constexpr (std::is_same_v<OneRequest, runtime::TokenizeRequest>) {
            return makeTokenizeJob(id, requested, publish);
        } else if constexpr (std::is_same_v<OneRequest, runtime::GradedTextRequest>) {
            return makeGradedTextJob(id, requested, publish);
        } else if constexpr (std::is_same_v<OneRequest, runtime::ClipRequest>) {
            return makeClipJob(id, requested, publish);
        } else if constexpr (std::is_same_v<OneRequest, runtime::InfoRequest>) {
            return makeInfoJob(m_workspace, id, publish);
        } else if constexpr (std::is_same_v<OneRequest, runtime::BenchRequest>) {
            return requested.suite == "machine"
                       ? makeMachineBenchJob(m_workspace, id, requested, publish)
                   : requested.suite == "video"
                       ? makeVideoBenchJob(m_workspace, id, requested, publish)
                       : makeModelBenchJob(m_workspace, id, requested, publish);
        } else {
            static_assert(std::is_same_v<OneRequest, runtime::SelftestRequest>,
                          "every request has its job");
            return makeSelftestJob(m_workspace, id, publish);
        }
    }

    Workspace m_workspace;
};

} // namespace

std::unique_ptr<runtime::Session> makeSession(const runtime::EngineOptions& options,
                                              std::span<const Family> families) {
    return std::make_unique<TorchSession>(options, families);
}

} // namespace depthscope::session

extern "C" depthscope::runtime::Session*
depthscope_open_session(const depthscope::runtime::EngineOptions& options) {
    using namespace depthscope::session;
    return makeSession(options, builtInFamilies()).release();
}
