// SPDX-License-Identifier: MIT
#include "engine/io/mor_layout.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/io/repeated_layers.h"
#include "engine/io/run_name.h"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace depthscope::io {

using spec::LanguageSpec;
using spec::RouterNet;
using spec::RouterType;
using spec::Sharing;

namespace {

constexpr std::string_view kLayers = "model.layers.";

/// The number at the start of the text, which is taken off; -1 where there is none.
int takeNumber(std::string_view& text) {
    int number = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return error == std::errc() && number >= 0 ? number : -1;
}

bool takePrefix(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) {
        return false;
    }
    text.remove_prefix(prefix.size());
    return true;
}

/// Gathers what the keys say, one after the other.
class Survey {
public:
    void add(std::string_view key, const TensorEntry& entry);
    [[nodiscard]] std::optional<MorLayout> layout() const;

private:
    void addRouter(std::string_view rest, const TensorEntry& entry);

    bool m_expert = false;
    bool m_token = false;
    bool m_auxRouter = false;
    int m_first = -1;     ///< layer number of the first recursion, or of token-choice's wrapper
    int m_last = -1;      ///< of the last one
    int m_lastBlock = -1; ///< largest j
    int m_lastStep = -1;  ///< largest recursion of a block_list
    std::int64_t m_hidden = 0; ///< rows of a router's first matrix; 0: linear
    std::int64_t m_width = 0;
    std::int64_t m_out = 0; ///< rows of a router's last matrix
};

void Survey::add(std::string_view key, const TensorEntry& entry) {
    if (!takePrefix(key, kLayers)) {
        return;
    }
    const int layer = takeNumber(key);
    int block = -1;
    if (takePrefix(key, ".block.")) {
        m_expert = true;
        block = takeNumber(key);
    } else if (takePrefix(key, ".block_list.")) {
        m_token = true;
        m_lastStep = std::max(m_lastStep, takeNumber(key));
        block = takePrefix(key, ".") ? takeNumber(key) : -1;
    } else if (takePrefix(key, ".mor_router.router")) {
        addRouter(key, entry);
    } else if (takePrefix(key, ".mlp_router.router")) {
        m_auxRouter = true;
    } else {
        return;
    }
    m_lastBlock = std::max(m_lastBlock, block);
    m_first = m_first < 0 ? layer : std::min(m_first, layer);
    m_last = std::max(m_last, layer);
}

void Survey::addRouter(std::string_view rest, const TensorEntry& entry) {
    if (entry.shape.size() != 2) {
        return;
    }
    if (rest == ".0.weight") {
        m_hidden = entry.shape[0];
        m_width = entry.shape[1];
    } else if (rest == ".weight" || rest == ".2.weight") {
        m_out = entry.shape[0];
    }
}

std::optional<MorLayout> Survey::layout() const {
    if (m_expert == m_token || m_first < 0 || m_lastBlock < 0) {
        return std::nullopt;
    }
    MorLayout layout;
    layout.type = m_expert ? RouterType::Expert : RouterType::Token;
    layout.auxRouter = m_auxRouter;
    layout.sharing = m_first == 0 ? Sharing::Cycle : Sharing::MiddleCycle;
    // Aliases of the first recursion may be missing; the routers are all there.
    const int steps = m_expert ? m_last - m_first + 1 : m_lastStep + 1;
    constexpr std::int64_t kAbsurd = 1'000'000;
    layout.recursions =
        m_expert ? steps : static_cast<int>(std::clamp<std::int64_t>(m_out, steps, kAbsurd));
    layout.blockLayers = m_lastBlock + 1;
    if (m_hidden > 0) {
        const bool usual = m_hidden == 2 * m_width;
        layout.net = usual ? RouterNet::Mlp : RouterNet::WideMlp;
        layout.wideFactor =
            static_cast<int>(std::min(m_hidden / std::max<std::int64_t>(m_width, 1), kAbsurd));
    }
    return layout;
}

std::string textOf(RouterType type) {
    return type == RouterType::Expert ? "expert-choice" : "token-choice";
}

std::string textOf(RouterNet net) {
    return spec::toString(net);
}

void noteOtherCount(const RunName& name, int recursions, std::vector<std::string>& notes) {
    if (name.recursions().value_or(recursions) != recursions) {
        notes.emplace_back(
            "the folder name gives a different number of recursions than the weights");
    }
}

void inferMor(LanguageSpec& config,
              const MorLayout& layout,
              const std::filesystem::path& folder,
              std::vector<std::string>& notes) {
    const RunName name(folder);
    config.family = spec::Family::MorLlama;
    config.recursion = {layout.sharing, layout.recursions};
    config.mor.type = layout.type;
    config.mor.net = layout.net;
    config.mor.wideFactor = layout.wideFactor;
    if (layout.auxRouter) {
        config.mor.scoreTraining = spec::ScoreTraining::AuxRouter;
    }
    notes.push_back(fmt::format("no mor_config.json; inferred from the weights: {}, {} router, {} "
                                "recursions of {} layers, {}",
                                textOf(layout.type), textOf(layout.net), layout.recursions,
                                layout.blockLayers, spec::toString(layout.sharing)));
    const std::int64_t unrolled = layout.recursions * layout.blockLayers + config.unsharedLayers();
    if (config.layers != unrolled) {
        notes.push_back(fmt::format("config.json says num_hidden_layers {}, the weights hold {}",
                                    config.layers, unrolled));
        config.layers = unrolled;
    }
    noteOtherCount(name, layout.recursions, notes);
    name.inferFunction(config.mor, notes);
    if (layout.type == RouterType::Expert) {
        for (int r = 0; r < std::min(layout.recursions, 64); ++r) {
            config.mor.capacity.push_back({layout.recursions - r, layout.recursions});
        }
        notes.push_back(fmt::format("capacity {}: assumed, as in the official runs",
                                    settings::toString(config.mor.capacity)));
    }
    name.inferKv(config, notes);
}

/// The recursive baseline, whose keys are those of a plain llama.
void inferRecursive(LanguageSpec& config,
                    const spec::RecursionSpec& found,
                    const std::filesystem::path& folder,
                    std::vector<std::string>& notes) {
    const RunName name(folder);
    config.family = spec::Family::RecursiveLlama;
    config.recursion = found;
    notes.push_back(fmt::format(
        "no mor_config.json; inferred from repeated layers: {} recursions of {} layers, {}",
        found.count, config.blockLayers(), spec::toString(found.sharing)));
    noteOtherCount(name, found.count, notes);
    name.inferKv(config, notes);
}

/// mor_config.json and the weights, where they differ.
void requireSame(const LanguageSpec& config,
                 const std::optional<MorLayout>& layout,
                 const std::filesystem::path& weights,
                 const std::filesystem::path& side) {
    const auto contradict = [&](const std::string& says, const std::string& have) {
        throw Error(
            ErrorCode::BadInput,
            fmt::format("{}: {}, but {} has {}", side.string(), says, weights.string(), have),
            "Use the config.json and mor_config.json that belong to the weights.");
    };
    if (config.hasRouter() != layout.has_value()) {
        contradict(config.hasRouter() ? "mor.enable is true" : "mor.enable is false",
                   layout ? "recursions with a router" : "no recursive block");
    }
    if (!layout) {
        return;
    }
    if (config.mor.type != layout->type) {
        contradict(fmt::format("mor.type is {}", textOf(config.mor.type)),
                   fmt::format("{} keys", textOf(layout->type)));
    }
    if (config.recursion.sharing != layout->sharing) {
        contradict(std::string("recursive.sharing is ") + spec::toString(config.recursion.sharing),
                   std::string("the layers of ") + spec::toString(layout->sharing));
    }
    if (config.recursion.count != layout->recursions) {
        contradict(fmt::format("num_recursion is {}", config.recursion.count),
                   fmt::format("{} recursions", layout->recursions));
    }
    if (config.blockLayers() != layout->blockLayers) {
        contradict(
            fmt::format("num_hidden_layers gives {} layers per recursion", config.blockLayers()),
            std::to_string(layout->blockLayers));
    }
    if ((config.mor.net == RouterNet::Linear) != (layout->net == RouterNet::Linear)) {
        contradict(fmt::format("router_type is {}", textOf(config.mor.net)),
                   fmt::format("a {} router", textOf(layout->net)));
    }
}

} // namespace

std::optional<MorLayout> findMorLayout(const std::map<std::string, TensorEntry>& entries) {
    Survey survey;
    for (const auto& [key, entry] : entries) {
        survey.add(key, entry);
    }
    return survey.layout();
}

void reconcileLayout(LanguageSpec& config,
                     WeightReader& reader,
                     const std::filesystem::path& folder,
                     std::vector<std::string>& notes) {
    if (config.isLooped()) {
        return;
    }
    const std::optional<MorLayout> layout = findMorLayout(reader.entries());
    if (config.sharesLayers()) {
        requireSame(config, layout, reader.path(), folder / "mor_config.json");
    } else if (config.family != spec::Family::Llama) {
        return;
    } else if (layout) {
        inferMor(config, *layout, folder, notes);
        spec::checkSpec(config, (folder / "config.json").string(), reader.path().string());
    } else if (const auto found = findRepetition(reader, config.layers)) {
        inferRecursive(config, *found, folder, notes);
        spec::checkSpec(config, (folder / "config.json").string(), reader.path().string());
    }
}

} // namespace depthscope::io
