// SPDX-License-Identifier: MIT
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/base/text.h"
#include "engine/spec/config_file.h"
#include "engine/spec/families.h"
#include "engine/spec/huginn_config.h"
#include "engine/spec/model_fields.h"
#include "engine/spec/model_type.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace depthscope::spec {

namespace {

constexpr std::uintmax_t kMaximumBytes = 64U << 20U;
constexpr const char* kIncomplete =
    "The configuration is incomplete; download it again from the source of the weights.";

/// The value at a place such as "hidden_size" or "/mor/*/alpha"; empty where it is missing.
std::optional<JsonField> valueAt(std::string_view place,
                                 const LanguageSpec& spec,
                                 const JsonField& config,
                                 const JsonField* sideCar) {
    if (!place.starts_with('/')) {
        return config.find(std::string(place).c_str());
    }
    JsonField object = *sideCar;
    for (std::size_t slash = place.find('/', 1); slash != std::string_view::npos;
         slash = place.find('/', 1)) {
        const std::string name(place.substr(1, slash - 1));
        object = object.object(name == "*" ? toString(spec.mor.type) : name.c_str());
        place.remove_prefix(slash);
    }
    return object.find(std::string(place.substr(1)).c_str());
}

/// `sideCar` is needed where layers recur.
void readFields(const JsonField& config, const JsonField* sideCar, LanguageSpec& spec) {
    for (const ModelField& field : modelFields()) {
        const char* place = field.placeIn(spec);
        if (place == nullptr || !field.stands(spec)) {
            continue;
        }
        auto value = valueAt(place, spec, config, sideCar);
        if (!value && spec.refinesState() && field.place.llama != nullptr) {
            value = config.find(field.place.llama); // written by a later version of its code
        }
        if (value) {
            field.fromJson(spec, *value);
        } else if (field.place.isRequired) {
            throw Error(ErrorCode::BadInput, config.where() + ": " + place + " is missing",
                        kIncomplete);
        }
    }
}

/// Either spelling: rope_theta beside rope_scaling, or both in rope_parameters; the kind is called
/// rope_type or, in older files, type.
void readRope(const JsonField& config, LanguageSpec& spec) {
    const bool together = config.has("rope_parameters");
    const JsonField source = config.object(together ? "rope_parameters" : "rope_scaling");
    spec.ropeTheta = source.number("rope_theta", spec.ropeTheta);
    const char* name = source.has("rope_type") ? "rope_type" : "type";
    const std::string kind = source.string(name, "default");
    if (kind == "default") {
        return;
    }
    RopeScaling& scaling = spec.ropeScaling;
    if (kind != "linear" && kind != "llama3") {
        source.at(name).fail("is \"" + kind + "\", which is not supported",
                             "Valid: default, linear, llama3.");
    }
    scaling.factor = source.at("factor").number();
    if (kind == "linear") {
        scaling.kind = RopeScaling::Kind::Linear;
        return;
    }
    scaling.kind = RopeScaling::Kind::Llama3;
    scaling.lowFactor = source.at("low_freq_factor").number();
    scaling.highFactor = source.at("high_freq_factor").number();
    scaling.trainedContext = source.at("original_max_position_embeddings").number();
}

constexpr std::array<std::string_view, 5> kDtypes{"auto", "float32", "float16", "bfloat16",
                                                  "float64"};

void refuseUnsupported(const JsonField& config) {
    for (const char* name : {"dtype", "torch_dtype"}) {
        const std::string dtype = config.string(name, "auto");
        if (std::ranges::find(kDtypes, dtype) == kDtypes.end()) {
            config.at(name).fail("is \"" + dtype + "\", which is not supported",
                                 "Valid: float32, float16, bfloat16, float64.");
        }
    }
    const std::string activation = config.string("hidden_act", "silu");
    if (activation != "silu") {
        config.at("hidden_act")
            .fail("is \"" + activation + "\", which is not supported", "Valid: silu.");
    }
}

/// What follows from other sizes where the file does not say it. What is no size at all is left to
/// checkSpec.
void deriveHeads(const JsonField& config, LanguageSpec& spec) {
    const bool hasWidth = !spec.isMoreFamily() && !spec.refinesState(); // of a head
    const char* width = hasWidth ? "hidden_size" : "n_embd";
    const char* heads = hasWidth              ? "num_attention_heads"
                        : spec.refinesState() ? "n_heads"
                                              : "n_head";
    if (!config.has(spec.isMoreFamily() ? "n_kv_head" : "num_key_value_heads")) {
        spec.kvHeads = spec.heads;
    }
    if ((hasWidth && config.has("head_dim")) || spec.heads <= 0 || spec.width <= 0) {
        return;
    }
    if (spec.width % spec.heads != 0) {
        throw Error(ErrorCode::BadInput,
                    config.where() + ": " + width + " must be a multiple of " + heads, kIncomplete);
    }
    spec.headDim = spec.width / spec.heads;
}

/// Llama, and with a mor_config.json its recursive and routed forms.
void readLlama(const JsonField& config, const JsonField* sideCar, LanguageSpec& spec) {
    refuseUnsupported(config);
    constexpr std::int64_t kUnsaidContext = 2048;
    spec.context = kUnsaidContext;
    spec.tiedHead = false;
    if (spec.sharesLayers()) {
        spec.recursion.count = 0;
    }
    readFields(config, sideCar, spec);
    readRope(config, spec);
    deriveHeads(config, spec);
    if (spec.hasRouter() && spec.mor.type == RouterType::Expert && spec.mor.capacity.empty()) {
        spec.mor.capacity = evenCapacity(std::clamp(spec.recursion.count, 0, 64));
    }
}

/// Only whole attention is in the published weights.
void refuseWindows(const JsonField& config) {
    if (config.boolean("use_sliding_window", false)) {
        config.at("use_sliding_window")
            .fail("is true, but attention over a window is not supported",
                  "Choose a model whose layers see the whole context.");
    }
    const std::optional<JsonField> types = config.find("layer_types");
    for (std::size_t i = 0; types && i < types->arraySize(1024); ++i) {
        if (types->item(i).string() != "full_attention") {
            types->item(i).fail("is \"" + types->item(i).string() + "\", which is not supported",
                                "Valid: full_attention.");
        }
    }
}

/// Ouro: a Llama whose layers all run total_ut_steps times (docs/looped.md 1).
void readLooped(const JsonField& config, LanguageSpec& spec) {
    spec.recursion.sharing = Sharing::Cycle;
    readLlama(config, nullptr, spec);
    refuseWindows(config);
    const bool isPossible = spec.recursion.count >= 1 && spec.recursion.count <= kMostRecursions &&
                            spec.layers >= 1 && spec.layers < (1 << 20); // else checkSpec refuses
    spec.layers *= isPossible ? spec.recursion.count : 1;
}

/// Huginn: a prelude, a core that recurs, a coda (docs/looped.md 5).
void readHuginn(const JsonField& config, LanguageSpec& spec) {
    constexpr std::int64_t kUnsaidContext = 4096;
    refuseUnsupported(config);
    refuseOtherMathematics(config);
    spec.recursion.sharing = Sharing::Cycle;
    spec.context = kUnsaidContext;
    spec.ropeTheta = 50'000;
    spec.normEpsilon = 1e-6;
    readFields(config, nullptr, spec);
    deriveHeads(config, spec);
}

/// The keys of MORE's own configuration (docs/routing.md 1.1).
void readMore(const JsonField& config, LanguageSpec& spec) {
    constexpr int kUnsaidLoops = 3;
    spec.recursion.count = spec.family == Family::More ? kUnsaidLoops : 1;
    spec.normEpsilon = 1e-6;
    readFields(config, nullptr, spec);
    static_cast<void>(config.at("block_size")); // must be there
    deriveHeads(config, spec);
    if (config.boolean("bias", false)) {
        config.at("bias").fail("is true, but MORE layers with biases are not supported",
                               "Choose a model without biases.");
    }
}

/// A depth that does not divide evenly into recursions loses layers (docs/routing.md 2.3).
void applyDropRule(LanguageSpec& config, std::vector<std::string>& notes) {
    const int count = config.recursion.count;
    if (!config.sharesLayers() || count < 1 || config.layers > 1024 ||
        config.layers - config.unsharedLayers() < count) {
        return; // left to checkSpec, which names the field
    }
    const auto kept = static_cast<std::int64_t>(
        keptLayers(config.recursion.sharing, count, config.layers).size());
    if (kept != config.layers) {
        notes.push_back("num_hidden_layers " + std::to_string(config.layers) +
                        " does not divide evenly into " + std::to_string(count) +
                        " recursions: " + std::to_string(kept) + " layers are kept");
        config.layers = kept;
    }
}

/// eos_token_id: an id or a list of them. Ids that no token has end nothing.
std::vector<std::int64_t> endsOfText(const JsonField& config) {
    const std::optional<JsonField> ends = config.find("eos_token_id");
    if (!ends) {
        return {};
    }
    const nlohmann::json& value = ends->value();
    const nlohmann::json list = value.is_array() ? value : nlohmann::json::array({value});
    std::vector<std::int64_t> tokens;
    for (const nlohmann::json& token : list) {
        if (!token.is_number_integer()) {
            ends->fail("must be an integer or a list of integers",
                       "Give the ids of the end-of-text tokens, or null.");
        }
        if (const auto id = token.get<std::int64_t>(); id >= 0) {
            tokens.push_back(id);
        }
    }
    return tokens;
}

/// As transformers' generate does it: a generation_config.json counts alone, even where it names no
/// end; one that cannot be read is as if it were not there.
void readEndsOfText(const std::filesystem::path& folder,
                    const JsonField& config,
                    LanguageSpec& spec,
                    std::vector<std::string>& notes) {
    const std::filesystem::path generation = folder / "generation_config.json";
    std::error_code ignored;
    if (std::filesystem::exists(generation, ignored)) {
        try {
            spec.eosTokens = endsOfText(JsonFile(generation, kMaximumBytes).root());
            return;
        } catch (const Error& error) {
            notes.push_back("generation_config.json cannot be read; using the end-of-text tokens "
                            "of config.json: " +
                            error.message());
        }
    }
    spec.eosTokens = endsOfText(config);
}

Family familyOf(const JsonField& config, const JsonField* sideCar) {
    const std::string type = config.string("model_type", "llama");
    const bool isLlama = type == "llama" || type == "mor_llama" || type == "recursive_llama";
    if (isLlama && sideCar != nullptr) {
        (void)sideCar->object("mor").boolean("enable", true); // refuses what is not a boolean
        (void)sideCar->object("recursive").boolean("enable", false);
    } else if (isLlama && type != "llama") {
        config.at("model_type")
            .fail("is " + type + ", but mor_config.json is missing",
                  "Add the mor_config.json that belongs to the weights to the folder.");
    }
    const std::string combined =
        modelTypeOf(config.value(), sideCar != nullptr ? &sideCar->value() : nullptr);
    for (const Family family : {Family::Llama, Family::MorLlama, Family::RecursiveLlama,
                                Family::More, Family::MoreBaseline, Family::Ouro, Family::Huginn}) {
        if (combined == toString(family)) {
            return family;
        }
    }
    throw Error(ErrorCode::BadInput,
                fmt::format("{}: unknown model_type \"{}\"", config.where(), type),
                fmt::format("Valid values: {}.", listOf(families(), &FamilyRow::modelType)));
}

JsonFile openConfig(const std::filesystem::path& file) {
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored)) {
        throw Error(
            ErrorCode::BadInput, file.string() + ": cannot be opened",
            "A model is a folder with config.json and model.safetensors; choose such a folder.");
    }
    return {file, kMaximumBytes};
}

LanguageSpec readSpec(const JsonField& config,
                      const JsonField* sideCar,
                      const std::string& sideCarName,
                      std::vector<std::string>& notes) {
    LanguageSpec spec;
    spec.family = familyOf(config, sideCar);
    if (spec.isMoreFamily() || spec.isLooped()) {
        (spec.isMoreFamily()   ? readMore
         : spec.refinesState() ? readHuginn
                               : readLooped)(config, spec);
        checkSpec(spec, config.where(), config.where());
        return spec;
    }
    readLlama(config, sideCar, spec);
    if (config.string("model_type", "llama") == "llama" && spec.sharesLayers()) {
        notes.emplace_back(spec.hasRouter() ? "config.json says llama; mor_config.json beside it "
                                              "says Mixture-of-Recursions"
                                            : "config.json says llama; mor_config.json beside it "
                                              "says that layers recur");
    }
    applyDropRule(spec, notes);
    checkSpec(spec, config.where(), sideCarName);
    return spec;
}

} // namespace

LanguageSpec readConfig(const std::filesystem::path& folder, std::vector<std::string>& notes) {
    const JsonFile config = openConfig(folder / "config.json");
    const std::filesystem::path sideCarName = folder / "mor_config.json";
    LanguageSpec spec;
    std::error_code ignored;
    if (std::filesystem::exists(sideCarName, ignored)) {
        const JsonFile sideCar(sideCarName, kMaximumBytes);
        const JsonField root = sideCar.root();
        spec = readSpec(config.root(), &root, sideCarName.string(), notes);
    } else {
        spec = readSpec(config.root(), nullptr, sideCarName.string(), notes);
    }
    readEndsOfText(folder, config.root(), spec, notes);
    if (config.root().boolean("random_weights", false)) {
        notes.emplace_back("random weights of a published shape: for measuring, its answers mean "
                           "nothing");
    }
    return spec;
}

} // namespace depthscope::spec
