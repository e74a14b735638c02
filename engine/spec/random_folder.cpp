// SPDX-License-Identifier: MIT
#include "engine/spec/random_folder.h"

#include "engine/base/atomic_file.h"
#include "engine/base/error.h"
#include "engine/base/random.h"
#include "engine/base/text.h"
#include "engine/spec/config_file.h"
#include "engine/spec/weight_declaration.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <bit>
#include <numeric>
#include <system_error>
#include <utility>
#include <vector>

namespace depthscope::spec {

using nlohmann::json;

namespace {

constexpr std::int64_t kElementBytes = 2;                   // of bfloat16
constexpr std::int64_t kFileBytes = std::int64_t{2} << 30U; // a file ends after this
constexpr std::int64_t kPieceElements = 1 << 20U;           // written at once
constexpr std::uint16_t kOne = 0x3F80;                      // bfloat16

struct Tensor {
    std::string key;
    std::vector<std::int64_t> shape;

    [[nodiscard]] std::int64_t count() const {
        return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
    }
};

/// In the order of their declaration, those that share storage once.
std::vector<Tensor> tensorsOf(const LanguageSpec& spec) {
    std::vector<Tensor> tensors;
    LanguageWeights<Undrawn> none = emptyWeights<Undrawn>(spec);
    visitWeights<Undrawn>(spec, none, [&](const WeightSlot& slot, Undrawn&) {
        if (slot.sharedWith.empty() && !slot.optional) {
            tensors.push_back({slot.key, slot.shape});
        }
    });
    return tensors;
}

std::vector<std::vector<Tensor>> filesOf(std::vector<Tensor> tensors) {
    std::vector<std::vector<Tensor>> files(1);
    std::int64_t bytes = 0;
    for (Tensor& tensor : tensors) {
        const std::int64_t more = tensor.count() * kElementBytes;
        if (bytes > 0 && bytes + more > kFileBytes) {
            files.emplace_back();
            bytes = 0;
        }
        bytes += more;
        files.back().push_back(std::move(tensor));
    }
    return files;
}

/// The sum of four uniform numbers has a variance of 1/3: near enough to a normal one.
std::uint16_t drawn(SplitMix& random) {
    constexpr double kSpread = 0.02;
    constexpr double kUnit = 1.0 / 65'536;
    constexpr double kScale = kSpread * 1.7320508075688772; // sqrt(3)
    std::uint64_t bits = random.next();
    double sum = -2 + 2 * kUnit; // four halves
    for (int i = 0; i < 4; ++i, bits >>= 16U) {
        sum += static_cast<double>(bits & 0xFFFFU) * kUnit;
    }
    return static_cast<std::uint16_t>(
        std::bit_cast<std::uint32_t>(static_cast<float>(sum * kScale)) >> 16U);
}

/// The values of one tensor after the other.
class Writer {
public:
    Writer(std::int64_t all, std::uint64_t seed, const std::function<void(double)>& progress)
        : m_all(all)
        , m_random(seed)
        , m_progress(progress) {}

    void write(const std::filesystem::path& path, const std::vector<Tensor>& tensors) {
        json header{{"__metadata__", {{"format", "pt"}}}};
        std::int64_t at = 0;
        for (const Tensor& tensor : tensors) {
            const std::int64_t end = at + tensor.count() * kElementBytes;
            header[tensor.key] = {
                {"dtype", "BF16"}, {"shape", tensor.shape}, {"data_offsets", {at, end}}};
            at = end;
        }
        std::string text = header.dump();
        text.resize((text.size() + 7) / 8 * 8, ' ');
        const std::uint64_t length = text.size();
        AtomicFile file(path);
        file.write(&length, sizeof length);
        file.write(text);
        for (const Tensor& tensor : tensors) {
            fill(file, tensor);
        }
        file.commit();
    }

private:
    void fill(AtomicFile& file, const Tensor& tensor) {
        const bool isVector = tensor.shape.size() == 1;
        const std::uint16_t constant = tensor.key.ends_with(".bias") ? 0 : kOne;
        for (std::int64_t left = tensor.count(); left > 0;) {
            const std::int64_t count = std::min(left, kPieceElements);
            m_piece.resize(static_cast<std::size_t>(count));
            for (std::uint16_t& value : m_piece) {
                value = isVector ? constant : drawn(m_random);
            }
            file.write(m_piece.data(), m_piece.size() * kElementBytes);
            left -= count;
            m_done += count;
            m_progress(static_cast<double>(m_done) / static_cast<double>(m_all));
        }
    }

    std::int64_t m_all;
    std::int64_t m_done = 0;
    SplitMix m_random;
    const std::function<void(double)>& m_progress;
    std::vector<std::uint16_t> m_piece;
};

void writeText(const std::filesystem::path& path, const std::string& text) {
    AtomicFile file(path);
    file.write(text);
    file.commit();
}

std::string fileName(std::size_t number, std::size_t count) {
    return count == 1 ? "model.safetensors"
                      : fmt::format("model-{:05}-of-{:05}.safetensors", number + 1, count);
}

void writeIndex(const std::filesystem::path& folder,
                const std::vector<std::vector<Tensor>>& files,
                std::int64_t elements) {
    json map = json::object();
    for (std::size_t i = 0; i < files.size(); ++i) {
        for (const Tensor& tensor : files[i]) {
            map[tensor.key] = fileName(i, files.size());
        }
    }
    const json root{{"metadata", {{"total_size", elements * kElementBytes}}}, {"weight_map", map}};
    writeText(folder / "model.safetensors.index.json", root.dump(1) + "\n");
}

void writeConfig(const LanguageSpec& spec, const std::filesystem::path& folder) {
    json config = json::parse(configJson(spec, "bfloat16"));
    config["random_weights"] = true;
    if (spec.sharesLayers() && !spec.isLooped()) {
        writeText(folder / "mor_config.json", morConfigJson(spec));
    }
    writeText(folder / "config.json",
              config.dump(1) + "\n"); // last: it makes a model of the folder
}

} // namespace

void writeRandomFolder(const LanguageSpec& spec,
                       const std::filesystem::path& folder,
                       std::uint64_t seed,
                       const std::function<void(double)>& progress) {
    std::error_code ignored;
    if (std::filesystem::exists(folder / "config.json", ignored)) {
        throw Error(ErrorCode::Usage, fmt::format("{}: holds a model already", folder.string()),
                    "Choose another folder.");
    }
    const std::vector<Tensor> tensors = tensorsOf(spec);
    const std::int64_t elements =
        std::accumulate(tensors.begin(), tensors.end(), std::int64_t{0},
                        [](std::int64_t sum, const Tensor& one) { return sum + one.count(); });
    const std::vector<std::vector<Tensor>> files = filesOf(tensors);
    makeFolder(folder);
    try {
        Writer writer(elements, seed, progress);
        for (std::size_t i = 0; i < files.size(); ++i) {
            writer.write(folder / fileName(i, files.size()), files[i]);
        }
        if (files.size() > 1) {
            writeIndex(folder, files, elements);
        }
        writeConfig(spec, folder);
    } catch (...) {
        for (std::size_t i = 0; i < files.size(); ++i) {
            std::filesystem::remove(folder / fileName(i, files.size()), ignored);
        }
        std::filesystem::remove(folder / "model.safetensors.index.json", ignored);
        std::filesystem::remove(folder, ignored); // unless something else is in it
        throw;
    }
}

} // namespace depthscope::spec
