// The authority's own map under what map.js draws: streets by night or by day, and a picture from the air. Its file is
// asked for by pieces, so that no address says where an alarm is. Drawn on canvases: no WebGL is needed.

const NIGHT = {
  land: "#10161e", green: "#13231d", water: "#12293d", house: "#1a222d",
  roads: ["#66768c", "#56647a", "#48556a", "#364353", "#2d3846", "#29323e"], rail: "#39424e",
  street: "#c3cfdc", place: "#e9eef5", number: "#93a1b1", halo: "#0d1117",
};
const DAY = {
  land: "#f2f0ea", green: "#d7e6cf", water: "#bcd6ea", house: "#e0dcd2",
  roads: ["#f0b560", "#f6cf7f", "#f7e2a6", "#ffffff", "#ffffff", "#e6d9c3"], rail: "#b5b0a6",
  street: "#333a42", place: "#10161e", number: "#5a6570", halo: "#ffffff",
};
// What the makers of tiles (Protomaps, OpenMapTiles, Shortbread) call a road of each width; a number for each.
const WIDTHS = [
  "motorway trunk highway",
  "primary secondary major_road",
  "tertiary",
  "residential unclassified living_street pedestrian minor minor_road road",
  "service track busway",
  "path footway cycleway steps bridleway other",
];
const RANK = new Map(WIDTHS.flatMap((words, rank) => words.split(" ").map((word) => [word, rank])));
const RAILS = new Set(["rail", "light_rail", "tram", "subway", "narrow_gauge", "transit"]);
const GREENS = new Set("park forest wood grass grassland scrub meadow garden cemetery allotments village_green nature_reserve golf_course recreation_ground".split(" "));
const TOWNS = new Set("locality city town village hamlet".split(" "));
// Layers of streets, of their names, of numbers; of the ground, in the order in which it is painted.
const STREETS = ["roads", "transportation", "streets"];
const STREET_NAMES = ["roads", "transportation_name", "street_labels"];
const NUMBERS = ["buildings", "housenumber", "addresses"];
const PLACES = ["places", "place", "place_labels"];
const LAND = ["landuse", "landcover", "park", "land"];
const WATERS = ["water", "ocean", "water_polygons"];
const HOUSES = ["buildings", "building"];
const [POLYGON, LINE, POINT] = [3, 2, 1];
const [FAR_ZOOM, STREET_ZOOM, MOST_ZOOM] = [11, 15, 19];

const word = ({ kind_detail: detail, class: group, kind, subclass }) => [detail, group, kind, subclass];
const isRail = (props) => word(props).some((each) => RAILS.has(each));
const rankOf = (props) => word(props).map((each) => RANK.get(each)).find((rank) => rank !== undefined);

/** A library's script or style, before our own styles, which override its own. Rejects when it does not come. */
export function load(tag, attributes) {
  const element = Object.assign(document.createElement(tag), attributes);
  return new Promise((done, failed) => {
    element.addEventListener("load", done);
    element.addEventListener("error", () => (element.remove(), failed(new Error(tag))));
    document.head.prepend(element);
  });
}

/** Leaflet with its style and that of every map, which comes after it; an element's data say where the library lies. */
export function loadLeaflet({ dataset: { script, style } }) {
  const sheet = (href) => load("link", { rel: "stylesheet", href });
  return Promise.all([sheet(new URL("map.css", import.meta.url)), sheet(style), load("script", { src: script, fetchPriority: "low" })]);
}

/**
 * Draw the maps in force under everything else; `told` is the value of access.pages.street_map. By day only where the
 * page goes by what the system wishes. Names of towns come closer only where the page does not draw them itself.
 */
export async function addStreets(map, told, isByWish, drawsTowns) {
  await load("script", { src: told.script });
  const drawer = protomapsL;
  const light = matchMedia("(prefers-color-scheme: light)");
  const isDay = () => isByWish && light.matches;
  const looks = () => looksOf(drawer, told, isDay() ? DAY : NIGHT, drawsTowns);
  const layers = Object.entries(told.kinds).map(([kind, about]) => [kind, about.kind === "vector" ? vectors(drawer, told, about, looks()) : pictures(drawer, about, kind)]);
  const dress = () => {
    map.getContainer().classList.toggle("day", isDay());
    map.getContainer().classList.toggle("night", !isDay());
  };
  map.setMaxZoom(MOST_ZOOM);
  dress();
  // A system that goes over to its night in the middle of a shift takes the map along.
  light.addEventListener("change", () => {
    dress();
    for (const [, layer] of layers) if (layer.paintRules) redress(layer, looks());
  });
  layers[0][1].addTo(map);
  if (layers.length < 2) return;
  const choices = Object.fromEntries(layers.map(([kind, layer]) => [told.words[kind], layer]));
  L.control.layers(choices, {}, { position: "topright", collapsed: false }).addTo(map);
}

/** The file of a map, asked for as a part of this page: looking at it keeps nobody signed in. */
function fileOf(drawer, { url }) {
  const { p: file } = new drawer.PmtilesSource(url, true);
  file.source.setHeaders(new Headers({ "X-Egide-Fragment": "1" }));
  return file;
}

function pictures(drawer, about, kind) {
  const file = fileOf(drawer, about);
  const { bounds, image: type, zooms: [minNativeZoom, maxNativeZoom] } = about;
  const Pictures = L.GridLayer.extend({
    createTile({ x, y, z }, done) {
      const canvas = document.createElement("canvas");
      file.getZxy(z, x, y)
        .then((found) => found && createImageBitmap(new Blob([found.data], { type })))
        .then((picture) => {
          if (!picture) return;
          [canvas.width, canvas.height] = [picture.width, picture.height];
          canvas.getContext("2d").drawImage(picture, 0, 0);
        })
        .then(() => done(null, canvas), (fault) => done(fault, canvas));
      return canvas;
    },
  });
  return new Pictures({ bounds, minNativeZoom, maxNativeZoom, maxZoom: MOST_ZOOM, className: `map-pictures ${kind}` });
}

function looksOf(drawer, { language }, colours, drawsTowns) {
  return {
    backgroundColor: colours.land,
    paintRules: painted(drawer, colours),
    labelRules: named(drawer, colours, language, drawsTowns ? FAR_ZOOM : STREET_ZOOM),
  };
}

/** Draws what it has anew; nothing is asked for. */
function redress(layer, looks) {
  Object.assign(layer, looks);
  layer.clearLayout();
  layer.rerenderTiles();
}

function vectors(drawer, { language }, about, looks) {
  return drawer.leafletLayer({
    url: fileOf(drawer, about),
    bounds: about.bounds,
    maxZoom: MOST_ZOOM,
    maxDataZoom: about.zooms[1],
    noWrap: true,
    attribution: "",
    lang: language,
    ...looks,
  });
}

/** A rule for each layer of these that a file may have. */
const each = (layers, rule) => layers.map((dataLayer) => ({ dataLayer, ...rule }));

function painted({ PolygonSymbolizer, LineSymbolizer, exp }, colours) {
  const area = (fill) => ({ symbolizer: new PolygonSymbolizer({ fill }) });
  const line = (color, base, more = {}) => new LineSymbolizer({ color, width: exp(1.55, [[10, base / 9], [16, base], [19, base * 4]]), lineCap: "round", lineJoin: "round", ...more });
  const roads = [0, 1, 2, 3, 4, 5].toReversed().flatMap((rank) =>
    each(STREETS, {
      symbolizer: line(colours.roads[rank], [11, 9, 7.5, 5.5, 3, 1.6][rank]),
      minzoom: [0, 0, 0, 12, 14, 15][rank],
      filter: (_zoom, { props, geomType }) => geomType === LINE && !isRail(props) && rankOf(props) === rank,
    }),
  );
  return [
    ...each(LAND, { ...area(colours.green), filter: (_zoom, { props, geomType }) => geomType === POLYGON && word(props).some((kind) => GREENS.has(kind)) }),
    ...each(WATERS, { ...area(colours.water), filter: (_zoom, { geomType }) => geomType === POLYGON }),
    ...each(["water", "waterway", "water_lines"], { symbolizer: line(colours.water, 3), filter: (_zoom, { geomType }) => geomType === LINE }),
    ...each(HOUSES, { ...area(colours.house), minzoom: 15, filter: (_zoom, { geomType }) => geomType === POLYGON }),
    ...each(STREETS, { symbolizer: line(colours.rail, 2), minzoom: 12, filter: (_zoom, { props, geomType }) => geomType === LINE && isRail(props) }),
    ...roads,
  ];
}

function named({ CenteredTextSymbolizer, LineLabelSymbolizer }, colours, language, townsTo) {
  const family = getComputedStyle(document.body).fontFamily;
  const labelProps = [`name:${language}`, `name_${language}`, "name"];
  const text = (size, fill, weight = 400) => ({ labelProps, fill, stroke: colours.halo, width: 3, font: `${weight} ${size}px ${family}` });
  const streets = (ranks, minzoom, size) =>
    each(STREET_NAMES, {
      symbolizer: new LineLabelSymbolizer({ ...text(size, colours.street, 600), position: 2, repeatDistance: 400 }),
      minzoom,
      filter: (_zoom, { props, geomType }) => geomType === LINE && !isRail(props) && ranks.includes(rankOf(props)),
    });
  return [
    ...each(PLACES, {
      symbolizer: new CenteredTextSymbolizer({ ...text(15, colours.place, 700), lineHeight: 1.2 }),
      maxzoom: townsTo,
      filter: (_zoom, { props }) => word(props).some((kind) => TOWNS.has(kind)),
    }),
    ...streets([0, 1], 13, 14),
    ...streets([2, 3], 15, 13),
    ...streets([4, 5], 17, 12),
    ...each(NUMBERS, {
      symbolizer: new CenteredTextSymbolizer({ ...text(12, colours.number), labelProps: ["addr_housenumber", "housenumber"] }),
      minzoom: 17,
      filter: (_zoom, { geomType }) => geomType === POINT,
    }),
  ];
}
