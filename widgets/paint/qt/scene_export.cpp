// SPDX-License-Identifier: MIT
#include "widgets/paint/qt/scene_export.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "widgets/paint/qt/fonts.h"
#include "widgets/paint/qt/scene_painter.h"

#include <QBuffer>
#include <QFileInfo>
#include <QFontMetricsF>
#include <QImageWriter>
#include <QPageSize>
#include <QPainter>
#include <QPdfWriter>
#include <QSaveFile>
#include <QSvgGenerator>
#include <QXmlStreamWriter>
#include <algorithm>
#include <cmath>

namespace depthscope::paint::qt {

namespace {

constexpr int kMostScale = 4;
constexpr float kMostSide = 16384;    // logical pixels; PDF pages may not be much larger
constexpr double kMostPixels = 200e6; // of a PNG: 800 MB while it is painted
constexpr double kPointsPerPixel = 72.0 / 96.0;
constexpr double kMillimetresPerPixel = 25.4 / 96.0;
constexpr int kPdfResolution = 1200;

/// Where everything of a figure stands, in logical pixels. Empty boxes: nothing.
struct Page {
    const scene::Scene& scene;
    const ExportOptions& options;
    QRectF title;
    QRectF up; ///< of the turned text, as it stands
    QPointF scenePlace;
    QRectF across;
    QRectF caption;
    QSizeF size;
};

QColor toQt(scene::Color c) {
    return {c.r, c.g, c.b, c.a};
}

QFont smallFont(const scene::Theme& theme) {
    return fontFor({scene::FontFamily::Ui, theme.smallSize, scene::FontWeight::Regular});
}

QFont titleFont(const scene::Theme& theme) {
    return fontFor({scene::FontFamily::Ui, theme.fontSize, scene::FontWeight::Medium});
}

double lineHeight(const QFont& font) {
    return std::ceil(1.4 * font.pixelSize());
}

/// Room at the left for the turned title.
double upWidth(const ExportOptions& options) {
    return options.up.isEmpty() ? 0
                                : lineHeight(smallFont(options.theme)) + double{options.theme.grid};
}

/// What an axis belongs to: the first grid of cells, or else everything.
QRectF plotOf(const scene::Scene& scene) {
    const scene::Rect rect = scene.grids.empty() ? scene.bounds : scene.grids.front().rect;
    return {double{rect.x - scene.bounds.x}, double{rect.y - scene.bounds.y}, double{rect.width},
            double{rect.height}};
}

QRectF wrapped(const QString& text, const QFont& font, QPointF at, double width) {
    const QRectF room(at, QSizeF(std::max(1.0, width), 1e6));
    const QRectF used =
        QFontMetricsF(font).boundingRect(room, Qt::AlignLeft | Qt::TextWordWrap, text);
    return {at, QSizeF(room.width(), std::ceil(used.height()))};
}

Page layOut(const scene::Scene& scene, const ExportOptions& options) {
    const scene::Theme& theme = options.theme;
    const double margin = double{theme.grid};
    const double side = upWidth(options);
    const double width = side + double{scene.bounds.width};
    const double line = lineHeight(smallFont(theme));
    Page page{scene, options, {}, {}, {}, {}, {}, {}};
    double y = 0;
    if (!options.title.isEmpty()) {
        page.title =
            wrapped(options.title, titleFont(theme), {1.5 * margin, margin}, width - 3 * margin);
        y = page.title.bottom();
    }
    page.scenePlace = {side, y};
    const QRectF plot = plotOf(scene).translated(page.scenePlace);
    if (!options.up.isEmpty()) {
        page.up = {margin / 2, plot.y(), line, plot.height()};
    }
    y += double{scene.bounds.height};
    if (!options.across.isEmpty()) {
        page.across = {plot.x(), y, plot.width(), line};
        y += line + margin / 2;
    }
    if (!options.caption.isEmpty()) {
        page.caption = wrapped(options.caption, smallFont(theme), {1.5 * margin, y + margin},
                               width - 3 * margin);
        y = page.caption.bottom() + margin;
    }
    page.size = {width, std::ceil(y)};
    return page;
}

void paintAxisTitles(QPainter& painter, const Page& page) {
    painter.setFont(smallFont(page.options.theme));
    painter.setPen(toQt(page.options.theme.muted));
    painter.drawText(page.across, Qt::AlignCenter, page.options.across);
    if (page.up.isEmpty()) {
        return;
    }
    painter.save();
    painter.translate(page.up.center());
    painter.rotate(-90);
    painter.drawText(
        QRectF(-page.up.height() / 2, -page.up.width() / 2, page.up.height(), page.up.width()),
        Qt::AlignCenter | Qt::TextDontClip, page.options.up);
    painter.restore();
}

void paintPage(QPainter& painter, const Page& page) {
    const scene::Theme& theme = page.options.theme;
    if (!page.options.transparent) {
        painter.fillRect(QRectF({0, 0}, page.size), toQt(theme.surface));
    }
    if (!page.title.isEmpty()) {
        painter.setFont(titleFont(theme));
        painter.setPen(toQt(theme.text));
        painter.drawText(page.title, Qt::AlignLeft | Qt::TextWordWrap, page.options.title);
    }
    painter.save();
    painter.translate(page.scenePlace -
                      QPointF(double{page.scene.bounds.x}, double{page.scene.bounds.y}));
    paintScene(painter, page.scene);
    painter.restore();
    paintAxisTitles(painter, page);
    if (!page.caption.isEmpty()) {
        const double rule = page.caption.y() - double{theme.grid};
        painter.fillRect(QRectF(0, rule, page.size.width(), 1), toQt(theme.hairline));
        painter.setFont(smallFont(theme));
        painter.setPen(toQt(theme.muted));
        painter.drawText(page.caption, Qt::AlignLeft | Qt::TextWordWrap, page.options.caption);
    }
}

void writePng(QIODevice& device, const Page& page) {
    const int scale = page.options.scale;
    const QSize size = (page.size * scale).toSize();
    if (double{page.size.width()} * page.size.height() * scale * scale > kMostPixels) {
        throw Error(ErrorCode::BadInput, "the picture is too large for PNG",
                    "Choose a smaller scale, or SVG or PDF.");
    }
    QImage image(size, QImage::Format_ARGB32_Premultiplied);
    if (image.isNull()) {
        throw Error(ErrorCode::OutOfMemory, "out of memory for the picture",
                    "Choose a smaller scale.");
    }
    image.fill(Qt::transparent);
    QPainter painter(&image);
    painter.scale(scale, scale);
    paintPage(painter, page);
    painter.end();
    image = image.convertToFormat(page.options.transparent ? QImage::Format_ARGB32
                                                           : QImage::Format_RGB32);
    const int dotsPerMetre = static_cast<int>(std::lround(96 * scale / 0.0254));
    image.setDotsPerMeterX(dotsPerMetre);
    image.setDotsPerMeterY(dotsPerMetre);
    QImageWriter writer(&device, "png");
    if (!page.options.document.isEmpty()) {
        writer.setText(QStringLiteral("Title"), page.options.document);
    }
    if (!page.options.recipe.isEmpty()) {
        writer.setText(QStringLiteral("depthscope"), page.options.recipe);
    }
    if (!writer.write(image)) {
        throw Error(ErrorCode::OutOfMemory, writer.errorString().toStdString());
    }
}

/// What Qt does not write: the exact size, that pictures are cells, title and description (Qt 6.4
/// writes these unescaped, later versions may not).
QByteArray finishedSvg(QByteArray svg, const Page& page) {
    const auto millimetres = [](double pixels) {
        return QByteArray::number(pixels * kMillimetresPerPixel, 'f', 3) + "mm\"";
    };
    const qsizetype size = svg.indexOf("width=\"", svg.indexOf("<svg")); // height follows
    svg.replace(size, svg.indexOf('\n', size) - size,
                "width=\"" + millimetres(page.size.width()) + " height=\"" +
                    millimetres(page.size.height()));
    svg.replace(R"(image-rendering="optimizeSpeed")",
                R"(image-rendering="optimizeSpeed" style="image-rendering:pixelated")");
    QString described;
    if (!page.options.document.isEmpty()) {
        described +=
            QStringLiteral("\n<title>%1</title>").arg(page.options.document.toHtmlEscaped());
    }
    if (!page.options.recipe.isEmpty()) {
        described += QStringLiteral("\n<desc>%1</desc>").arg(page.options.recipe.toHtmlEscaped());
    }
    const qsizetype from = svg.indexOf('>', svg.indexOf("<svg")) + 1;
    const qsizetype to = svg.indexOf("<defs", from); // a title of Qt's own may stand between
    svg.replace(from, std::max<qsizetype>(0, to - from), (described + QLatin1Char('\n')).toUtf8());
    return svg;
}

void writeSvg(QIODevice& device, const Page& page) {
    QBuffer buffer;
    buffer.open(QIODevice::WriteOnly);
    QSvgGenerator generator;
    generator.setOutputDevice(&buffer);
    generator.setSize(page.size.toSize());
    generator.setViewBox(QRectF({0, 0}, page.size));
    generator.setResolution(96);
    QPainter painter(&generator);
    paintPage(painter, page);
    painter.end();
    device.write(finishedSvg(buffer.data(), page));
}

// As XMP, because the information dictionary has no place for a description.
QByteArray pdfMetadata(const ExportOptions& options) {
    const QString rdf = QStringLiteral("http://www.w3.org/1999/02/22-rdf-syntax-ns#");
    const QString dc = QStringLiteral("http://purl.org/dc/elements/1.1/");
    QByteArray bytes;
    QXmlStreamWriter xml(&bytes);
    const auto entry = [&](const QString& name, const QString& text) {
        xml.writeStartElement(dc, name);
        xml.writeStartElement(rdf, QStringLiteral("Alt"));
        xml.writeStartElement(rdf, QStringLiteral("li"));
        xml.writeAttribute(QStringLiteral("xml:lang"), QStringLiteral("x-default"));
        xml.writeCharacters(text);
        xml.writeEndElement();
        xml.writeEndElement();
        xml.writeEndElement();
    };
    xml.writeProcessingInstruction(QStringLiteral("xpacket"),
                                   QStringLiteral("begin=\"\" id=\"W5M0MpCehiHzreSzNTczkc9d\""));
    xml.writeNamespace(QStringLiteral("adobe:ns:meta/"), QStringLiteral("x"));
    xml.writeStartElement(QStringLiteral("adobe:ns:meta/"), QStringLiteral("xmpmeta"));
    xml.writeNamespace(rdf, QStringLiteral("rdf"));
    xml.writeNamespace(dc, QStringLiteral("dc"));
    xml.writeStartElement(rdf, QStringLiteral("RDF"));
    xml.writeStartElement(rdf, QStringLiteral("Description"));
    xml.writeAttribute(rdf, QStringLiteral("about"), QString());
    entry(QStringLiteral("title"), options.document);
    entry(QStringLiteral("description"), options.recipe);
    xml.writeEndElement();
    xml.writeEndElement();
    xml.writeEndElement();
    xml.writeProcessingInstruction(QStringLiteral("xpacket"), QStringLiteral("end=\"w\""));
    return bytes;
}

void writePdf(QIODevice& device, const Page& page) {
    QPdfWriter writer(&device);
    writer.setResolution(kPdfResolution);
    writer.setPageSize(
        QPageSize(page.size * kPointsPerPixel, QPageSize::Point, QString(), QPageSize::ExactMatch));
    writer.setPageMargins({});
    writer.setTitle(page.options.document);
    writer.setCreator(QStringLiteral("Depthscope"));
    writer.setDocumentXmpMetadata(pdfMetadata(page.options));
    QPainter painter(&writer);
    painter.scale(kPdfResolution / 96.0, kPdfResolution / 96.0);
    paintPage(painter, page);
}

using Write = void (*)(QIODevice&, const Page&);

Write writerFor(const QString& path) {
    const QString suffix = QFileInfo(path).suffix().toLower();
    if (suffix == QLatin1String("png")) {
        return writePng;
    }
    if (suffix == QLatin1String("svg")) {
        return writeSvg;
    }
    if (suffix == QLatin1String("pdf")) {
        return writePdf;
    }
    throw Error(ErrorCode::Usage, fmt::format("unknown picture format: {}", path.toStdString()),
                "Use the extension .svg, .pdf or .png.");
}

void check(const scene::Scene& scene, const QString& path, const ExportOptions& options) {
    if (options.scale < 1 || options.scale > kMostScale) {
        throw Error(ErrorCode::Usage,
                    fmt::format("scale {} is out of range: {}", options.scale, path.toStdString()),
                    "Choose a scale from 1 to 4.");
    }
    const bool visible = scene.bounds.width >= 1 && scene.bounds.height >= 1;
    if (!visible || scene.bounds.width > kMostSide || scene.bounds.height > kMostSide) {
        throw Error(ErrorCode::BadInput,
                    fmt::format("a picture of this size cannot be saved: {}", path.toStdString()),
                    "Choose a size from 1 to 16,384 pixels per side.");
    }
}

} // namespace

float sceneWidth(float figureWidth, const ExportOptions& options) {
    return figureWidth - static_cast<float>(upWidth(options));
}

void saveScene(const scene::Scene& scene, const QString& path, const ExportOptions& options) {
    const Write write = writerFor(path);
    check(scene, path, options);
    QSaveFile file(path);
    const auto failed = [&](ErrorCode code, const QString& reason) {
        return Error(code,
                     fmt::format("cannot write {}: {}", path.toStdString(), reason.toStdString()),
                     "Choose an existing, writable folder with enough free space.");
    };
    if (!file.open(QIODevice::WriteOnly)) {
        throw failed(ErrorCode::BadInput, file.errorString());
    }
    try {
        write(file, layOut(scene, options));
    } catch (const Error& error) {
        file.cancelWriting();
        throw Error(error.code(),
                    fmt::format("cannot write {}: {}", path.toStdString(), error.message()),
                    error.hint());
    }
    if (!file.commit()) {
        throw failed(ErrorCode::OutOfMemory, file.errorString());
    }
}

} // namespace depthscope::paint::qt
