// SPDX-License-Identifier: MIT
#include "engine/data/corpus.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/base/text_file.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

namespace depthscope::data {

namespace {

constexpr std::uint64_t kSmallest = 1024;
constexpr std::uint64_t kValidationPart = 10;

/// Keeps the validation's graded text apart from the training's, whatever the seed.
constexpr std::uint64_t kValidationSeed = 0x76616c6964617465U;

/// Something that hands out documents until it is used up.
class Source {
public:
    virtual ~Source() = default;

    /// What messages call it.
    [[nodiscard]] const std::string& name() const { return m_name; }

    /// The next document of about `bytes`, whole lines. Called only while `left` is not 0.
    virtual ClassedText next(std::uint64_t bytes) = 0;

    [[nodiscard]] std::uint64_t left() const { return m_size - m_used; }

    [[nodiscard]] double usedPart() const {
        return static_cast<double>(m_used) / static_cast<double>(m_size);
    }

protected:
    Source(std::string name, std::uint64_t size)
        : m_name(std::move(name))
        , m_size(size) {}

    void use(std::uint64_t bytes) { m_used += std::min(bytes, left()); }

    [[nodiscard]] std::uint64_t used() const { return m_used; }

private:
    std::string m_name;
    std::uint64_t m_size;
    std::uint64_t m_used = 0;
};

class GradedSource final : public Source {
public:
    GradedSource(std::uint64_t seed, std::uint32_t classMask, std::uint64_t bytes)
        : Source("graded text", bytes)
        , m_generator(seed, classMask) {}

    ClassedText next(std::uint64_t bytes) override {
        ClassedText text;
        m_generator.appendTo(text, std::min(bytes, left()));
        use(text.text.size());
        return text;
    }

private:
    GradedGenerator m_generator;
};

class FileSource final : public Source {
public:
    FileSource(std::shared_ptr<const TextFile> file, std::uint64_t begin, std::uint64_t end)
        : Source(file->name(), end - begin)
        , m_file(std::move(file))
        , m_begin(begin) {}

    ClassedText next(std::uint64_t bytes) override {
        const std::uint64_t count = std::min(bytes, left());
        std::string text = m_file->read(m_begin + used(), count);
        if (count < left()) {
            const std::size_t lineEnd = lastLineEnd(text);
            text.resize(lineEnd == 0 ? textCut(text) : lineEnd);
        }
        use(text.size());
        return {std::move(text), {}};
    }

private:
    std::shared_ptr<const TextFile> m_file;
    std::uint64_t m_begin;
};

using Sources = std::vector<std::unique_ptr<Source>>;

/// Encodes a document; a complaint names where it comes from.
Tokens tokenizeFrom(const Source& source,
                    const ClassedText& document,
                    const tokenizers::Tokenizer& tokenizer) {
    try {
        return tokenize(tokenizer, document);
    } catch (const Error& error) {
        throw Error(error.code(), fmt::format("{}: {}", source.name(), error.message()),
                    error.hint());
    }
}

/// Adds a document; its classes are padded where others have some and it has none.
void append(Tokens& all, const Tokens& part, bool withClasses) {
    all.ids.insert(all.ids.end(), part.ids.begin(), part.ids.end());
    if (withClasses) {
        all.classes.insert(all.classes.end(), part.classes.begin(), part.classes.end());
        all.classes.resize(all.ids.size(), trace::kNoClass);
    }
}

Tokens
mix(Sources sources, SplitMix random, bool withClasses, const tokenizers::Tokenizer& tokenizer) {
    Tokens mixed;
    while (true) {
        // The source that lags furthest behind goes next: all end together.
        const auto behind = [](const auto& a, const auto& b) {
            return a->usedPart() < b->usedPart();
        };
        const auto source = std::ranges::min_element(sources, behind);
        if (source == sources.end() || (*source)->left() == 0) {
            break;
        }
        ClassedText document = (*source)->next(kSmallest + random.below(kSmallest));
        document.text += document.text.ends_with('\n') ? "\n" : "\n\n";
        append(mixed, tokenizeFrom(**source, document, tokenizer), withClasses);
    }
    return mixed;
}

} // namespace

Corpus buildCorpus(const CorpusSpec& spec, const tokenizers::Tokenizer& tokenizer) {
    const bool graded = spec.gradedBytes > 0;
    Sources train;
    Sources validation;
    if (graded) {
        train.push_back(
            std::make_unique<GradedSource>(spec.seed, spec.classMask, spec.gradedBytes));
        validation.push_back(std::make_unique<GradedSource>(
            spec.seed ^ kValidationSeed, spec.classMask, spec.gradedBytes / kValidationPart + 1));
    }
    std::string tooShort;
    for (const std::filesystem::path& name : spec.files) {
        const auto file = std::make_shared<const TextFile>(name);
        file->requireUtf8();
        const std::uint64_t end =
            spec.fileBytes < file->size() ? file->partStart(spec.fileBytes) : file->size();
        const std::uint64_t border = file->partStart(end - end / kValidationPart);
        if (end == 0) {
            continue;
        }
        if (border == 0 || border >= end) {
            // Among other texts it is trained on as a whole.
            tooShort = name.string();
            train.push_back(std::make_unique<FileSource>(file, 0, end));
            continue;
        }
        train.push_back(std::make_unique<FileSource>(file, 0, border));
        validation.push_back(std::make_unique<FileSource>(file, border, end));
    }
    if (validation.empty() && !spec.files.empty()) {
        throw Error(ErrorCode::BadInput,
                    fmt::format("{}: too short to split into training and validation",
                                tooShort.empty() ? spec.files.front().string() : tooShort),
                    "The validation part is the last tenth; use a longer text.");
    }
    if (train.empty()) {
        throw Error(ErrorCode::Usage, "corpus: needs graded text, a text file, or both",
                    "Give a text file, the corpus \"graded\", or both.");
    }
    Corpus corpus;
    corpus.train = mix(std::move(train), SplitMix(spec.seed), graded, tokenizer);
    corpus.validation =
        mix(std::move(validation), SplitMix(spec.seed ^ kValidationSeed), graded, tokenizer);
    corpus.validationCharactersPerToken = charactersPerToken(tokenizer, corpus.validation.ids);
    return corpus;
}

} // namespace depthscope::data
