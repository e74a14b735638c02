// SPDX-License-Identifier: MIT
#include "app/cli/client.h"
#include "app/cli/commands.h"
#include "app/cli/output.h"

namespace depthscope::cli {

using nlohmann::json;

namespace {

void train(const Common& common, Arguments& arguments) {
    runtime::TokenizerTrainRequest request;
    constexpr std::int64_t kDefault = 1024;
    const std::int64_t vocabulary = arguments.integer("vocab", kDefault);
    constexpr std::int64_t kMost = 65'536;
    if (vocabulary < 257 || vocabulary > kMost) {
        throw Error(ErrorCode::Usage,
                    "--vocab: " + std::to_string(vocabulary) + " is outside 257..65536",
                    "256 byte letters and one special piece are always there.");
    }
    request.vocabulary = static_cast<int>(vocabulary);
    request.outFile = arguments.value("out").value_or("");
    request.corpus = arguments.value("corpus").value_or("");
    while (auto file = arguments.optionalPositional()) {
        request.files.push_back(*file);
    }
    arguments.finish();
    if (request.outFile.empty()) {
        throw Error(ErrorCode::Usage, "--out is missing",
                    "Name the file to write: --out tokenizer.json.");
    }
    const std::string outFile = request.outFile;
    Client(common.engine).perform(std::move(request));
    if (common.json) {
        printJson({{"file", outFile}, {"vocabulary", vocabulary}});
    } else {
        printLine("wrote " + outFile);
    }
}

void code(const Common& common, Arguments& arguments, bool encode) {
    runtime::TokenizeRequest request;
    request.outFile = encode ? arguments.value("out").value_or("") : "";
    request.prompt = takePrompt(arguments);
    request.folder = arguments.positional("the model folder");
    arguments.finish();
    if (encode == request.prompt.text.empty()) {
        throw Error(ErrorCode::Usage,
                    encode ? "give --text or --text-file with some text" : "give --ids",
                    "See depthscope-cli --help.");
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

} // namespace

void runTokenizer(const Common& common, Arguments& arguments) {
    const std::string what = arguments.positional("train, encode or decode");
    if (what == "train") {
        train(common, arguments);
    } else if (what == "encode" || what == "decode") {
        code(common, arguments, what == "encode");
    } else {
        throw Error(ErrorCode::Usage, "tokenizer: unknown word: " + what,
                    "It is train, encode or decode.");
    }
}

} // namespace depthscope::cli
