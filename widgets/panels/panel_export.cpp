// SPDX-License-Identifier: MIT
#include "widgets/panels/panel_export.h"

#include "engine/base/error.h"
#include "widgets/instruments/place_axis.h"
#include "widgets/instruments/printed.h"
#include "widgets/lab/rules.h"
#include "widgets/paint/qt/scene_export.h"
#include "widgets/panels/setting_words.h"
#include "widgets/panels/state_json.h"
#include "widgets/panels/table_model.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QJsonDocument>
#include <QLocale>
#include <QSaveFile>
#include <QStringList>
#include <algorithm>
#include <cmath>
#include <string_view>

namespace depthscope::panels {

namespace {

constexpr QSize kDefaultSize(960, 320);
constexpr double kPixelsPerMillimetre = 96.0 / 25.4;
constexpr std::string_view kVideo = "panel.video"; ///< shows a clip, not the run

QString say(const char* english) {
    return QCoreApplication::translate("PanelExport", english);
}

bool showsClip(const PanelPicture& picture) {
    return picture.view.clip && picture.instrument.id() == kVideo;
}

QString captionOfClip(const trace::ClipView& clip) {
    QStringList parts{QString::fromStdString(clip.name)};
    if (clip.frame) {
        parts << say("frame %1").arg(clip.frame->number);
        parts << QString::fromStdString(
            trace::timecode(clip, clip.frame->number, clip.frame->seconds));
    }
    return parts.join(QStringLiteral(", "));
}

/// The rule with what it looks at: "top-k, capacities 1, 2/3, 1/3".
QString ruleWords(const trace::StepTrace& step) {
    settings::RoutingSettings routing = step.settings;
    if (step.model) {
        routing.rule = lab::shownRule(*step.model, routing.rule);
        routing.kv = lab::shownPolicy(*step.model, routing.rule, routing.kv);
        routing.capacity = lab::capacitiesOf(*step.model, routing);
    }
    QStringList parts{say("rule: %1").arg(nameOf(routing.rule).toLower())};
    if (settings::ranksTokens(routing.rule) && !routing.capacity.empty()) {
        QStringList shares;
        for (const Fraction& share : routing.capacity) {
            shares << QString::fromStdString(settings::toString(std::vector{share}));
        }
        parts << say("capacities %1").arg(shares.join(QStringLiteral(", ")));
    }
    if (settings::comparesWithTau(routing.rule)) {
        parts << say("threshold %1").arg(QLocale().toString(routing.tau, 'g', 4));
    }
    if (routing.rule == settings::Rule::Fixed && routing.fixedDepth > 0) {
        parts << say("depth %1").arg(routing.fixedDepth);
    }
    if (routing.maxDepth > 0) {
        parts << say("at most %1 recursions").arg(routing.maxDepth);
    }
    if (step.offDistribution) {
        parts << say("outside training");
    }
    return parts.join(QStringLiteral(", "));
}

bool hasDepthRouter(const trace::StepTrace& step) {
    return !step.model || step.model->router != spec::RouterKind::None;
}

scene::Theme themeOf(const PanelPicture& picture, Ground ground) {
    if (ground == Ground::White) {
        scene::Theme theme = scene::lightTheme();
        theme.surface = {255, 255, 255, 255};
        return theme;
    }
    return picture.theme.dark ? scene::darkTheme() : scene::lightTheme();
}

const instruments::Printed* printed(const PanelPicture& picture) {
    return dynamic_cast<const instruments::Printed*>(&picture.instrument);
}

paint::qt::ExportOptions exportOptions(const PanelPicture& picture, const FigureOptions& options) {
    const QString title =
        QString::fromStdString(picture.text.translate(picture.instrument.title()));
    paint::qt::ExportOptions result;
    result.theme = themeOf(picture, options.ground);
    result.document = title;
    result.title = options.title.value_or(title);
    result.caption =
        options.caption.value_or(showsClip(picture) ? captionOfClip(*picture.view.clip)
                                                    : captionOf(picture.view, picture.recipe));
    result.recipe = QString::fromLatin1(toJson(picture.recipe));
    result.scale = options.scale;
    result.transparent = options.ground == Ground::Transparent;
    if (const instruments::Printed* paper = options.axes ? printed(picture) : nullptr) {
        const instruments::AxisTitles axes = paper->axisTitles(picture.view, picture.text);
        result.across = QString::fromStdString(axes.across);
        result.up = QString::fromStdString(axes.up);
    }
    return result;
}

/// The same places as in the panel, whatever the widths of the two.
instruments::ViewState
viewFor(const PanelPicture& picture, float panelWidth, const instruments::Viewport& figure) {
    instruments::ViewState state = picture.state;
    state.scrollY = 0; // all of it is there
    instruments::Viewport panel = figure;
    panel.theme = &picture.theme;
    panel.bounds.width = panelWidth;
    const double before = double{instruments::plotFrame(panel).width};
    const double after = double{instruments::plotFrame(figure).width};
    if (before > 0 && after > 0 && before != after) {
        state.cellWidth *= after / before;
        state.axisWidth *= static_cast<float>(after / before);
    }
    return state;
}

scene::Scene drawnFor(const PanelPicture& picture,
                      const FigureOptions& options,
                      const paint::qt::ExportOptions& paper) {
    const QSize size = picture.size.isEmpty() ? kDefaultSize : picture.size;
    const auto panelWidth = static_cast<float>(size.width());
    const float width =
        options.width > 0 ? static_cast<float>(options.width * kPixelsPerMillimetre) : panelWidth;
    instruments::Viewport viewport;
    viewport.bounds = {0, 0, paint::qt::sceneWidth(width, paper),
                       static_cast<float>(size.height())};
    viewport.theme = &paper.theme;
    viewport.text = &picture.text;
    viewport.onPaper = true;
    const instruments::Printed* whole = printed(picture);
    const float content = whole ? whole->contentHeight(picture.view, picture.cursor, viewport) : 0;
    if (content > 0) {
        viewport.bounds.height = std::ceil(content);
    }
    return picture.instrument.draw(picture.view, viewFor(picture, panelWidth, viewport),
                                   picture.cursor, viewport);
}

void writeData(const QByteArray& bytes, const QString& path) {
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit()) {
        throw Error(ErrorCode::BadInput,
                    (path + QStringLiteral(": ") + file.errorString()).toStdString(),
                    "Choose a writable folder on a disk with enough free space.");
    }
}

QByteArray jsonOf(const PanelPicture& picture) {
    QJsonObject object = tableJson(picture.instrument.table(picture.view, picture.text));
    object.insert(QStringLiteral("panel"), QString::fromLatin1(picture.instrument.id()));
    object.insert(QStringLiteral("caption"), captionOf(picture.view, picture.recipe));
    object.insert(QStringLiteral("software"), picture.recipe.software);
    object.insert(QStringLiteral("model"), picture.recipe.model);
    object.insert(QStringLiteral("settings"), settingsJson(picture.recipe.settings));
    return QJsonDocument(object).toJson();
}

} // namespace

QString captionOf(const trace::TraceView& view, const FigureRecipe& recipe) {
    if (!view.main) {
        return {};
    }
    const trace::StepTrace& step = *view.main->latest;
    const bool isVideo = step.model && step.model->clip;
    QStringList parts;
    if (step.model) {
        parts << say("Model %1").arg(QString::fromStdString(step.model->name));
    }
    if (hasDepthRouter(step)) {
        parts << ruleWords(step);
    }
    const auto places = static_cast<int>(view.main->places());
    parts << (isVideo ? say("%1 patches") : say("%1 tokens")).arg(places);
    parts << say("seed %1").arg(isVideo ? recipe.settings.video.noiseSeed
                                        : recipe.settings.generation.seed);
    if (view.source == trace::Source::Recorded) {
        parts << say("recorded");
    }
    if (!recipe.software.isEmpty()) {
        parts << recipe.software;
    }
    return parts.join(QStringLiteral("; ")) + QLatin1Char('.');
}

void exportPanel(const PanelPicture& picture, const QString& path, const FigureOptions& options) {
    const QString suffix = QFileInfo(path).suffix().toLower();
    if (suffix == QLatin1String("csv")) {
        writeData(toCsv(picture.instrument.table(picture.view, picture.text)), path);
    } else if (suffix == QLatin1String("json")) {
        writeData(jsonOf(picture), path);
    } else {
        const paint::qt::ExportOptions paper = exportOptions(picture, options);
        paint::qt::saveScene(drawnFor(picture, options, paper), path, paper);
    }
}

} // namespace depthscope::panels
