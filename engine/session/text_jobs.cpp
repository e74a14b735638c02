// SPDX-License-Identifier: MIT
// The short jobs on text: learn a tokenizer, encode and decode, make graded text.
#include "engine/base/atomic_file.h"
#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/base/text_file.h"
#include "engine/data/graded.h"
#include "engine/data/token_stream.h"
#include "engine/session/jobs.h"
#include "engine/session/training_corpus.h"
#include "engine/tokenizers/bpe.h"

#include <utility>

namespace depthscope::session {

namespace {

/// Work that is one step.
template <class Work>
class OneStep final : public Job {
public:
    explicit OneStep(Work work)
        : m_work(std::move(work)) {}

    bool step() override {
        m_work();
        return false;
    }

private:
    Work m_work;
};

template <class Work>
std::unique_ptr<Job> oneStep(Work work) {
    return std::make_unique<OneStep<Work>>(std::move(work));
}

void learnTokenizer(const runtime::TokenizerTrainRequest& request) {
    constexpr std::size_t kGradedBytes = 2'000'000;
    std::vector<std::string> texts;
    if (isGraded(request.corpus)) {
        data::ClassedText graded;
        data::GradedGenerator(1, data::kAllClasses).appendTo(graded, kGradedBytes);
        texts.push_back(std::move(graded.text));
    }
    for (const std::string& file : request.files) {
        const TextFile reader(file);
        reader.requireUtf8();
        texts.push_back(reader.read(0, reader.size()));
    }
    if (texts.empty()) {
        throw Error(ErrorCode::Usage, "nothing to train a tokenizer on",
                    "Give text files, --corpus graded, or both.");
    }
    AtomicFile out(request.outFile);
    out.write(tokenizers::trainBpe(texts, request.vocabulary));
    out.commit();
}

runtime::TokenizeReport tokenizeText(const tokenizers::Tokenizer& tokenizer,
                                     const runtime::TokenizeRequest& request) {
    runtime::TokenizeReport report;
    report.vocabulary = tokenizer.size();
    report.text = request.prompt.text;
    for (const tokenizers::Piece& piece : tokenizer.encode(request.prompt.text)) {
        report.ids.push_back(piece.id);
        report.ranges.emplace_back(piece.begin, piece.end);
    }
    if (!request.outFile.empty()) {
        data::writeTokenStream(request.outFile,
                               {tokenizer.hash(), tokenizer.size(), {report.ids, {}}});
    }
    return report;
}

runtime::TokenizeReport decodeIds(const tokenizers::Tokenizer& tokenizer,
                                  const runtime::TokenizeRequest& request) {
    runtime::TokenizeReport report;
    report.vocabulary = tokenizer.size();
    report.ids = request.prompt.ids;
    for (const std::int32_t id : request.prompt.ids) {
        if (id < 0 || id >= tokenizer.size()) {
            throw Error(
                ErrorCode::BadInput,
                fmt::format("token id {} is outside the vocabulary of {}", id, tokenizer.size()),
                "Give ids of this tokenizer.");
        }
    }
    report.text = tokenizer.decode(report.ids);
    return report;
}

} // namespace

std::unique_ptr<Job>
makeTokenizerTrainJob(JobId id, runtime::TokenizerTrainRequest request, Publish publish) {
    return oneStep([id, request = std::move(request), publish = std::move(publish)] {
        publish(runtime::JobProgress{id, 0, -1, "learning the vocabulary"});
        learnTokenizer(request);
    });
}

std::unique_ptr<Job> makeTokenizeJob(JobId id, runtime::TokenizeRequest request, Publish publish) {
    return oneStep([id, request = std::move(request), publish = std::move(publish)] {
        const std::unique_ptr<tokenizers::Tokenizer> tokenizer =
            tokenizers::loadTokenizer(request.folder);
        if (tokenizer == nullptr) {
            throw Error(ErrorCode::BadInput, fmt::format("{}: no tokenizer found", request.folder),
                        "Give a folder with tokenizer.json, tokenizer.model or vocabulary.json.");
        }
        runtime::TokenizeReport report = request.prompt.ids.empty()
                                             ? tokenizeText(*tokenizer, request)
                                             : decodeIds(*tokenizer, request);
        report.job = id;
        publish(std::move(report));
    });
}

std::unique_ptr<Job>
makeGradedTextJob(JobId id, runtime::GradedTextRequest request, Publish publish) {
    return oneStep([id, request, publish = std::move(publish)] {
        constexpr std::uint32_t kMostBytes = 10'000'000;
        if (request.bytes < 1 || request.bytes > kMostBytes) {
            throw Error(ErrorCode::BadInput,
                        fmt::format("length: {} bytes is outside 1..10000000", request.bytes),
                        "Choose a shorter text.");
        }
        data::ClassedText graded;
        data::GradedGenerator(request.seed, request.classes).appendTo(graded, request.bytes);
        runtime::GradedTextReport report;
        report.job = id;
        report.prompt.text = std::move(graded.text);
        report.prompt.classes = {trace::gradedClasses(), std::move(graded.classes)};
        publish(std::move(report));
    });
}

} // namespace depthscope::session
