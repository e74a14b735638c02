// SPDX-License-Identifier: MIT
#include "engine/session/training_corpus.h"

#include "engine/base/atomic_file.h"
#include "engine/base/error.h"
#include "engine/data/bpe.h"
#include "engine/data/hash.h"
#include "engine/data/text_file.h"
#include "engine/data/token_stream.h"
#include "engine/data/vocabulary.h"

#include <algorithm>
#include <filesystem>

namespace depthscope::session {

namespace {

/// The tokenizer learns from at most this much of each source: more changes few merges and costs
/// minutes.
constexpr std::size_t kTokenizerBytes = 2'000'000;

/// A file, or the files of a folder in the order of their names.
std::vector<std::filesystem::path> textFiles(const std::filesystem::path& path) {
    if (!std::filesystem::is_directory(path)) {
        return {path};
    }
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
        if (entry.is_regular_file()) {
            files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    if (files.empty()) {
        throw Error(ErrorCode::BadInput, path.string() + ": the folder holds no file",
                    "Name a folder of text files.");
    }
    return files;
}

data::CorpusSpec specOf(const runtime::TrainRequest& request, const train::Preset& preset) {
    data::CorpusSpec spec;
    spec.seed = 1;
    if (!request.corpus.empty()) {
        if (request.corpus != "graded") {
            throw Error(ErrorCode::Usage, "unknown corpus: " + request.corpus, "It is: graded.");
        }
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
    const data::TextFile file(path);
    return file.read(0, std::min<std::uint64_t>(file.size(), kTokenizerBytes));
}

/// All characters of the files, in order of their code points (routing.md 1.6).
std::unique_ptr<data::Tokenizer> listCharacters(const data::CorpusSpec& spec,
                                                const std::filesystem::path& folder) {
    std::vector<std::string> texts;
    for (const std::filesystem::path& path : spec.files) {
        const data::TextFile file(path);
        texts.push_back(file.read(0, file.size()));
    }
    AtomicFile file(folder / "vocabulary.json");
    file.write(data::characterVocabulary(texts));
    file.commit();
    return data::loadTokenizer(folder);
}

std::unique_ptr<data::Tokenizer> learnTokenizer(const data::CorpusSpec& spec,
                                                const train::Preset& preset,
                                                const std::filesystem::path& folder) {
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
    AtomicFile file(folder / "tokenizer.json");
    file.write(data::trainBpe(texts, preset.vocabulary));
    file.commit();
    return data::loadTokenizer(folder);
}

std::unique_ptr<data::Tokenizer> chooseTokenizer(const runtime::TrainRequest& request,
                                                 const data::CorpusSpec& spec,
                                                 const train::Preset& preset) {
    const std::filesystem::path folder = request.outFolder;
    if (!request.tokenizer.empty()) {
        std::error_code fault;
        std::filesystem::copy_file(request.tokenizer, folder / "tokenizer.json",
                                   std::filesystem::copy_options::overwrite_existing, fault);
        if (fault) {
            throw Error(ErrorCode::BadInput,
                        request.tokenizer + ": cannot be copied to " + folder.string() + ": " +
                            fault.message(),
                        "Check that the file exists and that the --out folder can be written.");
        }
    }
    if (std::unique_ptr<data::Tokenizer> present = data::loadTokenizer(folder)) {
        return present;
    }
    if (preset.pieces == train::Pieces::Characters && spec.gradedBytes == 0) {
        return listCharacters(spec, folder);
    }
    return learnTokenizer(spec, preset, folder);
}

std::uint64_t hashOf(const std::vector<std::int32_t>& ids) {
    data::Fnv hash;
    for (const std::int32_t id : ids) {
        hash.add(static_cast<std::uint32_t>(id));
    }
    return hash.value();
}

/// The last tenth is the validation part.
data::Corpus splitTenth(const data::Tokens& tokens, const data::Tokenizer& tokenizer) {
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
data::Corpus corpusOf(const std::filesystem::path& file, const data::Tokenizer& tokenizer) {
    const data::TokenStream stream = data::readTokenStream(file);
    data::checkVocabulary(file, stream, tokenizer);
    return splitTenth(stream.tokens, tokenizer);
}

/// The files as they are, one after the other: what character models were published with.
data::Corpus plainCorpus(const std::vector<std::filesystem::path>& files,
                         const data::Tokenizer& tokenizer) {
    data::Tokens all;
    for (const std::filesystem::path& file : files) {
        const data::Tokens tokens = data::tokenizeFile(tokenizer, file);
        all.ids.insert(all.ids.end(), tokens.ids.begin(), tokens.ids.end());
    }
    return splitTenth(all, tokenizer);
}

constexpr const char* kTokenizerFiles[] = {"tokenizer.json", "vocabulary.json", "tokenizer.model"};

bool bringsTokenizer(const runtime::TrainRequest& request) {
    const std::filesystem::path folder = request.outFolder;
    return !request.tokenizer.empty() ||
           std::ranges::any_of(kTokenizerFiles, [&](const char* name) {
               std::error_code ignored;
               return std::filesystem::exists(folder / name, ignored);
           });
}

void checkTokenRequest(const runtime::TrainRequest& request) {
    if (!request.corpus.empty() || !request.textFile.empty()) {
        throw Error(ErrorCode::Usage, "--tokens stands alone",
                    "Leave out --corpus and --text-file, or --tokens.");
    }
    if (!bringsTokenizer(request)) {
        throw Error(ErrorCode::Usage, "--tokens needs the tokenizer that made the file",
                    "Add --tokenizer tokenizer.json.");
    }
}

} // namespace

void checkTraining(const runtime::TrainRequest& request, const train::Preset& preset) {
    if (!request.tokenFile.empty()) {
        checkTokenRequest(request);
        const data::TextFile there(request.tokenFile);
    } else {
        for (const std::filesystem::path& file : specOf(request, preset).files) {
            const data::TextFile there(file);
        }
    }
    if (!request.tokenizer.empty()) {
        const data::TextFile there(request.tokenizer);
    }
    constexpr std::int64_t kMostLearned = 1 << 15U; // a larger one is a published model's own
    if (!bringsTokenizer(request) && preset.vocabulary > kMostLearned) {
        throw Error(ErrorCode::Usage,
                    "preset " + preset.name + " has a vocabulary of " +
                        std::to_string(preset.vocabulary) + " pieces, which is not learned here",
                    "Add --tokenizer tokenizer.json.");
    }
}

TrainingData prepareTraining(const runtime::TrainRequest& request, train::Preset& preset) {
    TrainingData prepared;
    if (!request.tokenFile.empty()) {
        prepared.tokenizer = chooseTokenizer(request, {}, preset);
        prepared.corpus = corpusOf(request.tokenFile, *prepared.tokenizer);
        prepared.source = std::filesystem::path(request.tokenFile).filename().string();
    } else {
        const data::CorpusSpec spec = specOf(request, preset);
        prepared.tokenizer = chooseTokenizer(request, spec, preset);
        const bool plain = preset.pieces == train::Pieces::Characters && spec.gradedBytes == 0;
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

void copyTokenizer(const std::filesystem::path& from, const std::filesystem::path& to) {
    for (const char* name : kTokenizerFiles) {
        std::error_code fault;
        if (std::filesystem::exists(from / name, fault)) {
            std::filesystem::copy_file(from / name, to / name,
                                       std::filesystem::copy_options::overwrite_existing, fault);
        }
        if (fault) {
            throw Error(ErrorCode::BadInput, (to / name).string() + ": " + fault.message(),
                        "Check that the --out folder can be written.");
        }
    }
}

} // namespace depthscope::session
