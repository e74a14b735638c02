// SPDX-License-Identifier: MIT
#include "app/cli/client.h"
#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "engine/base/text.h"

#include <CLI/App.hpp>

#include <memory>
#include <vector>

namespace depthscope::cli {

using nlohmann::json;

namespace {

struct TrainOptions {
    runtime::TokenizerTrainRequest request;
    std::int64_t vocabulary = 1024;
};

void train(const Common& common, const TrainOptions& options) {
    runtime::TokenizerTrainRequest request = options.request;
    const std::int64_t vocabulary = options.vocabulary;
    constexpr std::int64_t kMost = 65'536;
    if (vocabulary < 257 || vocabulary > kMost) {
        throw Error(ErrorCode::Usage, fmt::format("--vocab: {} is outside 257..65536", vocabulary),
                    "256 byte tokens and one special token are always included.");
    }
    request.vocabulary = static_cast<int>(vocabulary);
    if (request.outFile.empty()) {
        throw Error(ErrorCode::Usage, "--out is missing",
                    "Give the file to write: --out tokenizer.json.");
    }
    const std::string outFile = request.outFile;
    Client(common.engine).perform(std::move(request));
    if (common.json) {
        printJson({{"file", outFile}, {"vocabulary", vocabulary}});
    } else {
        printLine(fmt::format("wrote {}", outFile));
    }
}

struct CodeOptions {
    runtime::TokenizeRequest request;
    PromptOptions prompt;
};

void code(const Common& common, const CodeOptions& options, bool encode) {
    runtime::TokenizeRequest request = options.request;
    request.prompt = options.prompt.take();
    if (encode == request.prompt.text.empty()) {
        throw Error(ErrorCode::Usage,
                    encode ? "give --text or --text-file with some text" : "give --ids",
                    "See depthscope-cli tokenizer --help.");
    }
    runtime::TokenizeReport report;
    Client(common.engine).perform(std::move(request), [&](const runtime::Event& event) {
        if (const auto* made = std::get_if<runtime::TokenizeReport>(&event)) {
            report = *made;
        }
    });
    if (common.json) {
        nlohmann::json answer{
            {"ids", report.ids}, {"text", report.text}, {"vocabulary", report.vocabulary}};
        if (encode) {
            answer["ranges"] = report.ranges;
        }
        printJson(answer);
    } else if (encode) {
        std::string line;
        for (const std::int32_t id : report.ids) {
            line += (line.empty() ? "" : ",") + std::to_string(id);
        }
        printLine(line);
    } else {
        printLine(report.text);
    }
}

Action declareTraining(CLI::App& app) {
    auto options = std::make_shared<TrainOptions>();
    app.add_option("FILE", options->request.files, "Text file to train on; may be repeated")
        ->type_name("");
    addInteger(app, "vocab", options->vocabulary, "Vocabulary size, 257 to 65536");
    addText(app, "corpus", "graded", options->request.corpus, "Add generated text");
    addText(app, "out", "FILE", options->request.outFile, "The tokenizer.json to write");
    return [options](const Common& common) { train(common, *options); };
}

Action declareCoding(CLI::App& app, bool encode) {
    auto options = std::make_shared<CodeOptions>();
    addWord(app, "MODEL", options->request.folder, "Model folder with the tokenizer");
    addPrompt(app, options->prompt);
    if (encode) {
        addText(app, "out", "FILE.bin", options->request.outFile, "Token stream to write");
    }
    return [options, encode](const Common& common) { code(common, *options, encode); };
}

} // namespace

Action declareTokenizer(CLI::App& app) {
    struct Part {
        CLI::App* app;
        Action action;
    };

    CLI::App* training = app.add_subcommand("train", "Train a byte-level BPE tokenizer");
    CLI::App* encoding = app.add_subcommand("encode", "Text to ids");
    CLI::App* decoding = app.add_subcommand("decode", "Ids to text");
    const std::vector<Part> parts{{training, declareTraining(*training)},
                                  {encoding, declareCoding(*encoding, true)},
                                  {decoding, declareCoding(*decoding, false)}};
    app.require_subcommand(1);
    return [parts](const Common& common) {
        for (const Part& part : parts) {
            if (part.app->parsed()) {
                part.action(common);
            }
        }
    };
}

} // namespace depthscope::cli
