// SPDX-License-Identifier: MIT
#include "app/cli/generate_batch.h"

#include "app/cli/client.h"
#include "app/cli/output.h"
#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/runtime/batch_lines.h"
#include "engine/settings/batch_names.h"

#include <CLI/App.hpp>

#include <iostream>
#include <memory>
#include <utility>

namespace depthscope::cli {

namespace {

constexpr double kMebi = 1 << 20U;

/// Prints a line a text and counts those that failed.
class Answers {
public:
    void addError(std::size_t number, const Error& error) {
        ++m_failed;
        std::cout << runtime::errorLine(number, error) << std::endl;
    }

    void add(const runtime::BatchAnswer& answer) {
        m_failed += answer.error ? 1 : 0;
        std::cout << runtime::answerLine(answer) << std::endl;
    }

    [[nodiscard]] std::size_t failed() const { return m_failed; }

private:
    std::size_t m_failed = 0;
};

void printSummary(const runtime::BatchReport& report) {
    std::string fill;
    for (const runtime::BatchFill& one : report.recursions) {
        fill += (fill.empty() ? "" : ", ") + oneDecimal(one.meanRows);
    }
    printStatus(fmt::format(
        "{} tokens in {} s, {} tokens/s; tokens in a batch: {}{}; KV at most {} of the {} allowed",
        report.tokens, oneDecimal(report.seconds),
        oneDecimal(report.seconds > 0 ? static_cast<double>(report.tokens) / report.seconds : 0.0),
        fill.empty() ? oneDecimal(report.between.meanRows) : fill,
        fill.empty() ? "" : " by recursion", humanBytes(report.kvReservedBytes),
        humanBytes(report.kvLimitBytes)));
}

} // namespace

settings::BatchSettings BatchOptions::checked() const {
    settings::BatchSettings batch;
    if (rows && (*rows < 1 || *rows > settings::kMostBatchRows)) {
        throw Error(ErrorCode::Usage,
                    fmt::format("--batch must be 1 to {}", settings::kMostBatchRows),
                    "16 is the default.");
    }
    if (kvMemory && !(*kvMemory > 0 && *kvMemory < 1e9)) {
        throw Error(ErrorCode::Usage, "--kv-memory must be a number of MiB greater than 0",
                    "Omit it for half of what is free.");
    }
    if (!batching.empty()) {
        const auto asked = settings::kBatchingNames.valueOf(batching);
        if (!asked) {
            throw Error(ErrorCode::Usage,
                        fmt::format("unknown batching '{}', valid: {}", batching,
                                    settings::kBatchingNames.list()),
                        "Omit it for depth.");
        }
        batch.batching = *asked;
    }
    batch.rows = rows ? static_cast<int>(*rows) : batch.rows;
    batch.kvBytes = kvMemory ? *kvMemory * kMebi : 0;
    return batch;
}

void addBatch(CLI::App& app, BatchOptions& options) {
    addText(app, "prompts", "FILE.jsonl", options.prompts,
            R"(Generate many texts together, one a line: {"text": ..} or {"ids": [..]}, with )"
            "\"tokens\" and \"seed\" where they differ; of a .txt file each line as text");
    addIntegerTo(
        app, "batch", [&options](std::int64_t rows) { options.rows = rows; },
        "With --prompts: tokens in a batch (default 16)");
    addText(app, "batching", "depth|sequence", options.batching,
            "With --prompts: tokens of any recursion in a batch, or of one (default depth)");
    addNumberTo(
        app, "kv-memory", [&options](double mebibytes) { options.kvMemory = mebibytes; },
        "With --prompts: MiB that keys and values may take (default: half of what is free)");
}

void generateBatch(const Common& common,
                   const BatchOptions& options,
                   const std::string& folder,
                   runtime::BatchRequest request) {
    request.batch = options.checked();
    request.generation.seed = common.engine.seed;
    runtime::PromptFile prompts = runtime::readPrompts(options.prompts, request.generation);
    const std::size_t all = prompts.good.size() + prompts.bad.size();
    Client client(common.engine);
    client.perform(runtime::LoadRequest{folder, runtime::ModelRole::Main});
    Answers answers;
    for (const runtime::BadPrompt& bad : prompts.bad) {
        answers.addError(bad.number, bad.error);
    }
    request.prompts = std::make_shared<const runtime::BatchPrompts>(std::move(prompts.good));
    client.perform(std::move(request), [&](const runtime::Event& event) {
        if (const auto* answer = std::get_if<runtime::BatchAnswer>(&event)) {
            answers.add(*answer);
        } else if (const auto* progress = std::get_if<runtime::JobProgress>(&event)) {
            showProgress("generate", *progress);
        } else if (const auto* report = std::get_if<runtime::BatchReport>(&event)) {
            printSummary(*report);
        }
    });
    if (answers.failed() > 0) {
        throw Error(
            ErrorCode::BadInput,
            fmt::format("{}: {} of {} prompts failed", options.prompts, answers.failed(), all),
            "Their lines have the error and what to do.");
    }
}

} // namespace depthscope::cli
