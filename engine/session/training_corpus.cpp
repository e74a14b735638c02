// SPDX-License-Identifier: MIT
#include "engine/session/training_corpus.h"

#include "engine/base/error.h"
#include "engine/base/hash.h"
#include "engine/base/text.h"
#include "engine/base/text_file.h"
#include "engine/data/token_stream.h"
#include "engine/tokenizers/bpe.h"
#include "engine/tokenizers/tokenizer_files.h"
#include "engine/tokenizers/vocabulary.h"

#include <algorithm>
#include <filesystem>

namespace depthscope::session {

namespace {

/// The tokenizer learns from at most this much of each source: more changes few merges and costs
/// minutes.
constexpr std::size_t kTokenizerBytes = 2'000'000;

/// A file, or the files of a folder in the order of their names.
std::vector<std::filesystem::path> textFiles(const std::filesystem::path& path) {
    std::error_code error;
    if (!std::filesystem::is_directory(path, error)) {
        return {path}; // what is wrong with it is said where it is opened
    }
    std::vector<std::filesystem::path> files;
    using Walk = std::filesystem::recursive_directory_iterator;
    for (Walk entry(path, error); !error && entry != Walk(); entry.increment(error)) {
        std::error_code isNone; // such as a link that leads nowhere
        if (entry->is_regular_file(isNone)) {
            files.push_back(entry->path());
        }
    }
    if (error) {
        throw Error(ErrorCode::BadInput,
                    fmt::format("{}: cannot be read: {}", path.string(), error.message()),
                    "Give a folder of text files that you can read.");
    }
    std::sort(files.begin(), files.end());
    if (files.empty()) {
        throw Error(ErrorCode::BadInput,
                    fmt::format("{}: the folder contains no files", path.string()),
                    "Give a folder of text files.");
    }
    return files;
}

data::CorpusSpec specOf(const runtime::TrainRequest& request, const spec::Preset& preset) {
    data::CorpusSpec spec;
    spec.seed = 1;
    if (isGraded(request.corpus)) {
        spec.gradedBytes = preset.gradedBytes;
    }
    if (!request.textFile.empty()) {
        spec.files = textFiles(request.textFile);
    }
    if (spec.gradedBytes == 0 && spec.files.empty()) {
        throw Error(ErrorCode::Usage, "nothing to train on",
                    "Give --corpus graded, --text-file F, or both.");
    }
    return spec;
}

std::string readStart(const std::filesystem::path& path) {
    const TextFile file(path);
    return file.read(0, std::min<std::uint64_t>(file.size(), kTokenizerBytes));
}

struct ChosenTokenizer {
    std::unique_ptr<tokenizers::Tokenizer> tokenizer;
    tokenizers::TokenizerFiles files; ///< what the out folder does not have yet
};

/// All characters of the files, in order of their code points (docs/routing.md 1.6).
ChosenTokenizer listCharacters(const data::CorpusSpec& spec) {
    std::vector<std::string> texts;
    for (const std::filesystem::path& path : spec.files) {
        const TextFile file(path);
        file.requireUtf8();
        texts.push_back(file.read(0, file.size()));
    }
    std::string text = tokenizers::characterVocabulary(texts);
    std::unique_ptr<tokenizers::Tokenizer> tokenizer =
        tokenizers::vocabularyOfText(text, "vocabulary.json");
    return {std::move(tokenizer), {{"vocabulary.json", std::move(text)}}};
}

ChosenTokenizer learnTokenizer(const data::CorpusSpec& spec, const spec::Preset& preset) {
    std::vector<std::string> texts;
    if (spec.gradedBytes > 0) {
        data::ClassedText graded;
        data::GradedGenerator(spec.seed, spec.classMask)
            .appendTo(graded, std::min<std::size_t>(spec.gradedBytes, kTokenizerBytes));
        texts.push_back(std::move(graded.text));
    }
    for (const std::filesystem::path& file : spec.files) {
        texts.push_back(readStart(file));
    }
    std::string text = tokenizers::trainBpe(texts, preset.vocabulary);
    std::unique_ptr<tokenizers::Tokenizer> tokenizer =
        tokenizers::bpeOfText(text, "tokenizer.json");
    return {std::move(tokenizer), {{"tokenizer.json", std::move(text)}}};
}

ChosenTokenizer chooseTokenizer(const runtime::TrainRequest& request,
                                const data::CorpusSpec& spec,
                                const spec::Preset& preset) {
    if (!request.tokenizer.empty()) {
        return {tokenizers::openTokenizer(request.tokenizer),
                tokenizers::tokenizerFiles(request.tokenizer)};
    }
    if (!request.initFrom.empty()) { // its pieces are those of the weights
        if (auto tokenizer = tokenizers::loadTokenizer(request.initFrom)) {
            return {std::move(tokenizer), tokenizers::tokenizerFiles(request.initFrom)};
        }
    }
    if (std::unique_ptr<tokenizers::Tokenizer> present =
            tokenizers::loadTokenizer(request.outFolder)) {
        return {std::move(present), {}};
    }
    return preset.tokenizerKind == spec::TokenizerKind::Characters && spec.gradedBytes == 0
               ? listCharacters(spec)
               : learnTokenizer(spec, preset);
}

std::uint64_t hashOf(const std::vector<std::int32_t>& ids) {
    Fnv hash;
    for (const std::int32_t id : ids) {
        hash.add(static_cast<std::uint32_t>(id));
    }
    return hash.value();
}

/// The last tenth is the validation part.
data::Corpus splitTenth(const data::Tokens& tokens, const tokenizers::Tokenizer& tokenizer) {
    const auto cut = static_cast<std::ptrdiff_t>(tokens.ids.size() * 9 / 10);
    data::Corpus corpus;
    const auto split = [cut](const auto& all, auto& train, auto& validation) {
        train.assign(all.begin(), all.begin() + std::min<std::ptrdiff_t>(cut, std::ssize(all)));
        validation.assign(all.begin() + std::min<std::ptrdiff_t>(cut, std::ssize(all)), all.end());
    };
    split(tokens.ids, corpus.train.ids, corpus.validation.ids);
    split(tokens.classes, corpus.train.classes, corpus.validation.classes);
    corpus.validationCharactersPerToken =
        data::charactersPerToken(tokenizer, corpus.validation.ids);
    return corpus;
}

/// A token stream holds ids only.
data::Corpus corpusOf(const std::filesystem::path& file, const tokenizers::Tokenizer& tokenizer) {
    const data::TokenStream stream = data::readTokenStream(file);
    data::checkVocabulary(file, stream, tokenizer);
    return splitTenth(stream.tokens, tokenizer);
}

/// The files as they are, one after the other: what character models were published with.
data::Corpus plainCorpus(const std::vector<std::filesystem::path>& files,
                         const tokenizers::Tokenizer& tokenizer) {
    data::Tokens all;
    for (const std::filesystem::path& file : files) {
        const data::Tokens tokens = data::tokenizeFile(tokenizer, file);
        all.ids.insert(all.ids.end(), tokens.ids.begin(), tokens.ids.end());
    }
    return splitTenth(all, tokenizer);
}

bool bringsTokenizer(const runtime::TrainRequest& request) {
    return !request.tokenizer.empty() || tokenizers::hasTokenizer(request.outFolder) ||
           (!request.initFrom.empty() && tokenizers::hasTokenizer(request.initFrom));
}

void checkTokenRequest(const runtime::TrainRequest& request) {
    if (!request.corpus.empty() || !request.textFile.empty()) {
        throw Error(ErrorCode::Usage, "--tokens cannot be combined with --corpus or --text-file",
                    "Leave out --corpus and --text-file, or --tokens.");
    }
    if (!bringsTokenizer(request)) {
        throw Error(
            ErrorCode::Usage, "--tokens needs the tokenizer that made the file",
            "Add --tokenizer F: a tokenizer.json or tokenizer.model, or a folder with one.");
    }
}

} // namespace

bool isGraded(const std::string& corpus) {
    if (!corpus.empty() && corpus != "graded") {
        throw Error(ErrorCode::Usage, fmt::format("unknown corpus: {}", corpus),
                    "Valid corpora: graded.");
    }
    return !corpus.empty();
}

void checkTraining(const runtime::TrainRequest& request, const spec::Preset& preset) {
    if (!request.tokenFile.empty()) {
        checkTokenRequest(request);
        const TextFile there(request.tokenFile);
    } else {
        for (const std::filesystem::path& file : specOf(request, preset).files) {
            const TextFile there(file);
            there.requireUtf8();
        }
    }
    if (!request.tokenizer.empty()) {
        static_cast<void>(tokenizers::openTokenizer(request.tokenizer));
    }
    constexpr std::int64_t kMostLearned = 1 << 15U; // a larger one is a published model's own
    if (!bringsTokenizer(request) && preset.vocabulary > kMostLearned) {
        throw Error(
            ErrorCode::Usage,
            fmt::format(
                "preset {} has a vocabulary of {} tokens, which is not learned during training",
                preset.name, preset.vocabulary),
            "Add --tokenizer F: a tokenizer.json or tokenizer.model, or a folder with one.");
    }
}

TrainingData prepareTraining(const runtime::TrainRequest& request, spec::Preset& preset) {
    const bool fromTokens = !request.tokenFile.empty();
    const data::CorpusSpec spec = fromTokens ? data::CorpusSpec{} : specOf(request, preset);
    ChosenTokenizer chosen = chooseTokenizer(request, spec, preset);
    TrainingData prepared;
    prepared.tokenizer = std::move(chosen.tokenizer);
    prepared.tokenizerFiles = std::move(chosen.files);
    if (fromTokens) {
        prepared.corpus = corpusOf(request.tokenFile, *prepared.tokenizer);
        prepared.source = std::filesystem::path(request.tokenFile).filename().string();
    } else {
        const bool plain =
            preset.tokenizerKind == spec::TokenizerKind::Characters && spec.gradedBytes == 0;
        prepared.corpus = plain ? plainCorpus(spec.files, *prepared.tokenizer)
                                : data::buildCorpus(spec, *prepared.tokenizer);
        prepared.source = request.corpus;
        for (const std::filesystem::path& file : spec.files) {
            prepared.source += (prepared.source.empty() ? "" : " + ") + file.filename().string();
        }
    }
    preset.model.vocabulary =
        std::max<std::int64_t>(preset.model.vocabulary, prepared.tokenizer->size());
    prepared.dataHash = hashOf(prepared.corpus.train.ids);
    return prepared;
}

} // namespace depthscope::session
