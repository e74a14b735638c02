// SPDX-License-Identifier: MIT
#include "widgets/panels/figure_recipe.h"

#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/base/text.h"
#include "widgets/panels/state_json.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QStringDecoder>
#include <algorithm>
#include <type_traits>

namespace depthscope::panels {

namespace {

constexpr int kFormat = 1; ///< of the key "figure"
constexpr double kMostWhole = 9.007e15;
constexpr std::size_t kMostItems = 1 << 22; ///< of ids and of classes: a text is shorter
const std::string kDocument = "the recipe in this figure";

QString qt(const std::string& text) {
    return QString::fromStdString(text);
}

// Text that is not UTF-8 would not survive as text.
QJsonObject bytesJson(const std::string& bytes) {
    QStringDecoder decoder(QStringDecoder::Utf8);
    const QString text = decoder(QByteArray::fromStdString(bytes));
    if (decoder.hasError() || text.toStdString() != bytes) {
        return {{QStringLiteral("base64"),
                 QString::fromLatin1(QByteArray::fromStdString(bytes).toBase64())}};
    }
    return {{QStringLiteral("text"), text}};
}

QByteArray decoded(const std::string& base64) {
    return QByteArray::fromBase64(QByteArray::fromStdString(base64));
}

std::string bytesOf(const JsonField& field) {
    return field.has("base64") ? decoded(field.at("base64").string()).toStdString()
                               : field.string("text", {});
}

QJsonObject promptJson(const runtime::Prompt& prompt) {
    QJsonObject object = bytesJson(prompt.text);
    QJsonArray ids;
    for (const std::int32_t id : prompt.ids) {
        ids.append(id);
    }
    object.insert(QStringLiteral("ids"), ids);
    if (prompt.classes.set) {
        QJsonArray names;
        for (const std::string& name : prompt.classes.set->names) {
            names.append(qt(name));
        }
        QJsonArray ranges;
        for (const trace::ClassRange& range : prompt.classes.ranges) {
            ranges.append(QJsonArray{static_cast<double>(range.begin),
                                     static_cast<double>(range.end), range.number});
        }
        object.insert(QStringLiteral("classes"),
                      QJsonObject{{QStringLiteral("set"), qt(prompt.classes.set->name)},
                                  {QStringLiteral("names"), names},
                                  {QStringLiteral("ranges"), ranges}});
    }
    return object;
}

double numberAt(const JsonField& field, double least, double most) {
    const double number = field.number();
    if (!(number >= least && number <= most)) {
        field.fail(fmt::format("must be a number from {} to {}", least, most));
    }
    return number;
}

std::vector<std::int32_t> idsOf(const JsonField& list) {
    std::vector<std::int32_t> ids;
    for (std::size_t i = 0, count = list.arraySize(kMostItems); i < count; ++i) {
        ids.push_back(static_cast<std::int32_t>(list.item(i).integer(0, 2147483647)));
    }
    return ids;
}

/// The ranges lie in the text, one after the other, and are of classes of the set.
trace::TextClasses classesOf(const JsonField& field, std::size_t bytes) {
    trace::ClassSet set;
    set.name = field.string("set", {});
    const JsonField names = field.at("names");
    for (std::size_t i = 0, count = names.arraySize(trace::kNoClass); i < count; ++i) {
        set.names.push_back(names.item(i).string());
    }
    trace::TextClasses classes;
    const JsonField ranges = field.at("ranges");
    std::int64_t least = 0;
    for (std::size_t i = 0, count = ranges.arraySize(kMostItems); i < count; ++i) {
        const JsonField range = ranges.item(i);
        if (range.arraySize(3) != 3) {
            range.fail("must be [begin, end, class]");
        }
        const auto most = static_cast<std::int64_t>(bytes);
        const std::int64_t begin = range.item(0).integer(least, most);
        const std::int64_t end = range.item(1).integer(begin, most);
        const auto number =
            static_cast<std::uint8_t>(range.item(2).integer(0, std::int64_t{trace::kNoClass}));
        if (!set.holds(number)) {
            range.fail("must name a class of its set");
        }
        classes.ranges.push_back(
            {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), number});
        least = end;
    }
    classes.set = std::make_shared<const trace::ClassSet>(std::move(set));
    return classes;
}

runtime::Prompt promptOf(const JsonField& field) {
    runtime::Prompt prompt;
    prompt.text = bytesOf(field);
    if (const auto ids = field.find("ids")) {
        prompt.ids = idsOf(*ids);
    }
    if (const auto classes = field.find("classes")) {
        prompt.classes = classesOf(*classes, prompt.text.size());
    }
    return prompt;
}

template <class Value>
void read(const JsonField& field, const settings::FieldInfo& info, Value& value) {
    using settings::KvPolicy;
    using settings::Rule;
    if constexpr (std::is_same_v<Value, Rule>) {
        value = settings::parseRule(field.string());
    } else if constexpr (std::is_same_v<Value, KvPolicy>) {
        value = settings::parseKvPolicy(field.string());
    } else if constexpr (std::is_same_v<Value, settings::Exits>) {
        value = settings::parseExits(field.string());
    } else if constexpr (std::is_same_v<Value, std::vector<Fraction>>) {
        value = settings::parseCapacity(field.string());
    } else if constexpr (std::is_same_v<Value, std::string>) {
        value = field.string();
    } else if constexpr (std::is_same_v<Value, bool>) {
        value = field.boolean();
    } else {
        constexpr double kMost = std::is_same_v<Value, int> ? 2147483647.0 : kMostWhole;
        constexpr double kLeast = std::is_signed_v<Value> ? -kMost : 0.0;
        value = static_cast<Value>(
            numberAt(field, std::max(info.minimum, kLeast), std::min(info.maximum, kMost)));
    }
}

/// What is missing keeps its default.
settings::LabSettings settingsOf(const JsonField& field) {
    settings::LabSettings result;
    settings::LabSettings::visit(result, [&](const settings::FieldInfo& info, auto& value) {
        const auto found = field.find(info.name);
        if (!found) {
            return;
        }
        try {
            read(*found, info, value);
        } catch (const Error& error) {
            if (error.code() == ErrorCode::BadInput &&
                error.message().starts_with(found->where())) {
                throw;
            }
            found->fail("must be a valid setting: " + error.message()); // a name, a capacity
        }
    });
    return result;
}

template <class Number>
QJsonValue jsonOf(const std::optional<Number>& number) {
    return number ? QJsonValue(static_cast<double>(*number)) : QJsonValue();
}

template <class Number>
void readIf(const JsonField& object, const char* name, std::optional<Number>& number) {
    if (const auto field = object.find(name)) {
        number = static_cast<Number>(field->integer(0, 2147483647));
    }
}

QJsonObject cursorJson(const instruments::Cursor& cursor) {
    return {{QStringLiteral("place"), jsonOf(cursor.pinnedPlace)},
            {QStringLiteral("recursion"), jsonOf(cursor.pinnedRecursion)},
            {QStringLiteral("step"), jsonOf(cursor.step)},
            {QStringLiteral("frame"), jsonOf(cursor.frame)}};
}

instruments::Cursor cursorOf(const JsonField& object) {
    instruments::Cursor cursor;
    readIf(object, "place", cursor.pinnedPlace);
    readIf(object, "recursion", cursor.pinnedRecursion);
    readIf(object, "step", cursor.step);
    readIf(object, "frame", cursor.frame);
    return cursor;
}

QJsonObject viewJson(const FigureView& view) {
    return {{QStringLiteral("plot_width"), view.plotWidth},
            {QStringLiteral("cell_width"), view.state.cellWidth},
            {QStringLiteral("first_place"), view.state.firstPlace},
            {QStringLiteral("scroll"), view.state.scrollY},
            {QStringLiteral("follow"), view.state.followLive},
            {QStringLiteral("by_step"), view.state.byStep},
            {QStringLiteral("quantity"), static_cast<int>(view.state.quantity)},
            {QStringLiteral("part"), static_cast<int>(view.state.part)}};
}

FigureView viewOf(const JsonField& field) {
    constexpr double kMost = 1e9;
    const auto number = [&](const char* name) { return numberAt(field.at(name), 0, kMost); };
    FigureView view;
    view.plotWidth = number("plot_width");
    view.state.cellWidth = number("cell_width");
    view.state.firstPlace = number("first_place");
    view.state.scrollY = number("scroll");
    view.state.followLive = field.boolean("follow", true);
    view.state.byStep = field.boolean("by_step", false);
    const auto choice = [&](const char* name, std::int64_t last) {
        const auto found = field.find(name);
        return found ? found->integer(0, last) : 0;
    };
    view.state.quantity =
        static_cast<trace::Quantity>(choice("quantity", std::ssize(trace::kQuantities) - 1));
    view.state.part = static_cast<instruments::ConvergencePart>(choice("part", 2));
    return view;
}

/// Model, tokens and routing, as earlier versions wrote them.
FigureRecipe earlier(const JsonField& field) {
    FigureRecipe recipe;
    recipe.model = qt(field.string("model", {}));
    recipe.clipFile = qt(field.string("file", {}));
    if (recipe.model.isEmpty() && recipe.clipFile.isEmpty()) {
        static_cast<void>(field.at("model"));
    }
    if (const auto ids = field.find("ids")) {
        recipe.prompt.ids = idsOf(*ids);
    }
    recipe.settings = settingsOf(field);
    return recipe;
}

} // namespace

QJsonObject figureJson(const FigureRecipe& recipe) {
    QJsonObject views;
    for (const auto& [panel, view] : recipe.views) {
        views.insert(panel, viewJson(view));
    }
    return {{QStringLiteral("figure"), kFormat},
            {QStringLiteral("software"), recipe.software},
            {QStringLiteral("panel"), recipe.panel},
            {QStringLiteral("model"), recipe.model},
            {QStringLiteral("prompt"), promptJson(recipe.prompt)},
            {QStringLiteral("settings"), settingsJson(recipe.settings)},
            {QStringLiteral("generated"), recipe.generated},
            {QStringLiteral("cursor"), cursorJson(recipe.cursor)},
            {QStringLiteral("clip"), recipe.clipFile},
            {QStringLiteral("views"), views},
            {QStringLiteral("layout"), QString::fromLatin1(recipe.layout.toBase64())},
            {QStringLiteral("docks"), QJsonArray::fromStringList(recipe.neededDocks)}};
}

QByteArray inAscii(const QJsonObject& object) {
    QByteArray ascii;
    for (const QChar c : QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact))) {
        if (c.unicode() < 0x7F) {
            ascii += static_cast<char>(c.unicode());
        } else {
            ascii += "\\u" + QByteArray::number(c.unicode(), 16).rightJustified(4, '0');
        }
    }
    return ascii;
}

QByteArray toJson(const FigureRecipe& recipe) {
    return inAscii(figureJson(recipe));
}

FigureRecipe readFigure(const JsonField& field) {
    FigureRecipe recipe;
    recipe.hasView = true;
    recipe.software = qt(field.string("software", {}));
    recipe.panel = qt(field.string("panel", {}));
    recipe.model = qt(field.string("model", {}));
    recipe.prompt = promptOf(field.object("prompt"));
    recipe.settings = settingsOf(field.object("settings"));
    recipe.generated = field.boolean("generated", false);
    recipe.cursor = cursorOf(field.object("cursor"));
    recipe.clipFile = qt(field.string("clip", {}));
    const JsonField views = field.object("views");
    for (const auto& [panel, view] : views.value().items()) {
        recipe.views[qt(panel)] = viewOf(views.child(view, panel));
    }
    recipe.layout = decoded(field.string("layout", {}));
    if (const auto docks = field.find("docks")) {
        constexpr std::size_t kMostDocks = 1000;
        for (std::size_t i = 0, count = docks->arraySize(kMostDocks); i < count; ++i) {
            recipe.neededDocks << qt(docks->item(i).string());
        }
    }
    return recipe;
}

FigureRecipe parseFigureRecipe(const QByteArray& json) {
    try {
        const JsonFile file(std::string_view(json.constData(), std::size_t(json.size())),
                            kDocument);
        const JsonField root = file.root();
        const auto format = root.find("figure");
        if (!format) {
            return earlier(root);
        }
        if (format->integer(1, 1'000'000) > kFormat) {
            throw Error(ErrorCode::Usage, "this figure was exported by a newer Depthscope",
                        "Open it with that version.");
        }
        return readFigure(root);
    } catch (const Error& error) {
        const bool newer = error.code() == ErrorCode::Usage;
        throw Error(ErrorCode::BadInput, error.message(),
                    newer ? error.hint() : "Export the figure again.");
    }
}

} // namespace depthscope::panels
