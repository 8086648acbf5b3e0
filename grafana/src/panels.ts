/** Panels as these dashboards have them: one line a panel where it is used, everything alike decided here. */
import { PanelBuilder as BarGauge } from '@grafana/grafana-foundation-sdk/bargauge';
import {
  BarGaugeDisplayMode,
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  GraphDrawStyle,
  GraphGradientMode,
  LegendDisplayMode,
  LegendPlacement,
  LineInterpolation,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TableCellDisplayMode,
  TableSortByFieldStateBuilder,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  type DynamicConfigValue,
  FieldColorBuilder,
  FieldColorModeId,
  MappingType,
  type Threshold,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as Stat } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as Table } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeSeries } from '@grafana/grafana-foundation-sdk/timeseries';
import { DATASOURCE } from './shared.ts';

/** What every panel must say of itself. `unit` is one of Grafana's ids; `empty` is shown where there is no data. */
export interface About {
  title: string;
  description: string;
  unit: string;
  width: number;
  height: number;
  empty: string;
}

/** A query and what its series are called; the first of a panel is A, the next B, … */
export interface Query {
  expr: string;
  legend?: string;
}

/** From `value` on, the colour; the first step has no value. */
export type Step = readonly [value: number | null, color: string];

const target = ({ expr, legend }: Query, index: number): DataqueryBuilder => {
  const builder = new DataqueryBuilder()
    .datasource(DATASOURCE)
    .refId(String.fromCharCode(65 + index))
    .expr(expr);
  return legend === undefined ? builder : builder.legendFormat(legend);
};

const instant = (query: Query, index: number): DataqueryBuilder => target(query, index).instant();

export const thresholds = (...steps: Step[]): ThresholdsConfigBuilder =>
  new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps(steps.map(([value, color]): Threshold => ({ value, color })));

/** Words for numbers: the number's text and, where given, its colour. */
export const words = (map: Record<string, readonly [text: string, color: string]>): ValueMapping[] => [
  {
    type: MappingType.ValueToText,
    options: Object.fromEntries(
      Object.entries(map).map(([value, [text, color]], index) => [value, { text, color, index }]),
    ),
  },
];

export const fixedColor = (color: string): DynamicConfigValue => ({
  id: 'color',
  value: { mode: 'fixed', fixedColor: color },
});

/** Big numbers; `steps` colour the whole tile. */
export function stat(about: About, queries: Query[], steps: Step[]): Stat {
  return new Stat()
    .title(about.title)
    .description(about.description)
    .datasource(DATASOURCE)
    .span(about.width)
    .height(about.height)
    .targets(queries.map(instant))
    .unit(about.unit)
    .noValue(about.empty)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
    .thresholds(thresholds(...steps))
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false).fields(''))
    .graphMode(BigValueGraphMode.None)
    .colorMode(BigValueColorMode.Background)
    .textMode(BigValueTextMode.Auto)
    .orientation(VizOrientation.Auto);
}

/** Lines over time, with a table of their last and highest values below. */
export function lines(about: About, queries: Query[]): TimeSeries {
  return new TimeSeries()
    .title(about.title)
    .description(about.description)
    .datasource(DATASOURCE)
    .span(about.width)
    .height(about.height)
    .targets(queries.map(target))
    .unit(about.unit)
    .noValue(about.empty)
    .min(0)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassic))
    .drawStyle(GraphDrawStyle.Line)
    .lineInterpolation(LineInterpolation.Linear)
    .lineWidth(1)
    .fillOpacity(10)
    .gradientMode(GraphGradientMode.None)
    .showPoints(VisibilityMode.Never)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs([]),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
}

/** Stacked bars over time. */
export function bars(about: About, queries: Query[]): TimeSeries {
  return lines(about, queries)
    .drawStyle(GraphDrawStyle.Bars)
    .lineWidth(0)
    .fillOpacity(85)
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'));
}

/** A bar a series, longest first as the query sorts them. */
export function ranking(about: About, queries: Query[], color: string): BarGauge {
  return new BarGauge()
    .title(about.title)
    .description(about.description)
    .datasource(DATASOURCE)
    .span(about.width)
    .height(about.height)
    .targets(queries.map(instant))
    .unit(about.unit)
    .noValue(about.empty)
    .min(0)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Fixed).fixedColor(color))
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false).fields(''))
    .displayMode(BarGaugeDisplayMode.Basic)
    .orientation(VizOrientation.Horizontal)
    .showUnfilled(true);
}

/** A column: the field as the queries name it (`Value #A`), its heading, and what else it is. */
export interface Column {
  field: string;
  heading: string;
  width?: number;
  properties?: DynamicConfigValue[];
}

/** A table of instant queries joined on their common labels: exactly the columns named, in that order. */
export function table(about: About, queries: Query[], columns: Column[], sort: string[]): Table {
  const builder = new Table()
    .title(about.title)
    .description(about.description)
    .datasource(DATASOURCE)
    .span(about.width)
    .height(about.height)
    .targets(queries.map((query, index) => instant(query, index).format(PromQueryFormat.Table)))
    .unit(about.unit)
    .noValue(about.empty)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
    .thresholds(thresholds([null, CLEAR]))
    .displayMode(TableCellDisplayMode.Auto)
    .filterable(false)
    .showHeader(true)
    .sortBy(sort.map((heading) => new TableSortByFieldStateBuilder().displayName(heading).desc(true)))
    .transformations([
      { id: 'merge', options: {} },
      {
        id: 'organize',
        options: {
          excludeByName: { Time: true },
          indexByName: Object.fromEntries(columns.map(({ field }, index) => [field, index])),
          renameByName: Object.fromEntries(columns.map(({ field, heading }) => [field, heading])),
        },
      },
    ]);
  for (const { heading, width, properties } of columns) {
    const all = [
      ...(width === undefined ? [] : [{ id: 'custom.width', value: width }]),
      ...(properties ?? []),
    ];
    if (all.length > 0) builder.overrideByName(heading, all);
  }
  return builder;
}

/** No colour: what a cell is that has nothing to say. */
export const CLEAR = 'transparent';

export const HIDDEN: DynamicConfigValue[] = [{ id: 'custom.hidden', value: true }];

/** The cell's ground takes the colour of its value. */
export const filled = (...steps: Step[]): DynamicConfigValue[] => [
  { id: 'custom.displayMode', value: 'color-background-solid' },
  {
    id: 'thresholds',
    value: { mode: 'absolute', steps: steps.map(([value, color]) => ({ value, color })) },
  },
];

/** The cell leads somewhere. */
export const leadsTo = (title: string, url: string, newTab = false): DynamicConfigValue => ({
  id: 'links',
  value: [{ title, url, targetBlank: newTab }],
});
