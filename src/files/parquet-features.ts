/**
 * Class names in a Parquet file: the `datasets` library writes its feature types into the file's metadata, under
 * `huggingface`, and there a `ClassLabel` column of numbers has its names. Without them `ner_tags` would be numbers.
 */

/** A value as the file has it to the value with names in the place of class numbers. */
export type Naming = (value: unknown) => unknown;

/**
 * One function for each column that holds class numbers somewhere, from the metadata entry's JSON text; none where
 * there is no entry or it is not of that form. A number that is no class becomes null: -1 is "no label" there.
 */
export function classNamings(metadata: string | undefined): Map<string, Naming> {
  const namings = new Map<string, Naming>();
  for (const [column, feature] of Object.entries(featuresOf(metadata))) {
    const naming = namingOf(feature);
    if (naming) namings.set(column, naming);
  }
  return namings;
}

function featuresOf(metadata: string | undefined): Record<string, unknown> {
  if (metadata === undefined) return {};
  try {
    const { info } = JSON.parse(metadata) as { info?: { features?: unknown } };
    return isObject(info?.features) ? info.features : {};
  } catch {
    return {};
  }
}

/** Undefined where the feature has no classes in it, so that plain columns cost nothing. */
function namingOf(feature: unknown): Naming | undefined {
  if (Array.isArray(feature)) return listNaming(feature[0]);
  if (!isObject(feature)) return undefined;
  if (feature._type === "ClassLabel")
    return Array.isArray(feature.names) ? nameClass(feature.names) : undefined;
  if (isObject(feature.feature)) return listNaming(feature.feature);
  return typeof feature._type === "string" ? undefined : structNaming(feature);
}

function nameClass(names: readonly unknown[]): Naming {
  return (value) => (typeof value === "number" ? (names[value] ?? null) : value);
}

/** Lists of structs are written as structs of lists. */
function listNaming(feature: unknown): Naming | undefined {
  const naming = namingOf(feature);
  if (!naming) return undefined;
  const fields =
    isObject(feature) && typeof feature._type !== "string" ? structNaming(feature, listNaming) : undefined;
  return (value) => (Array.isArray(value) ? value.map(naming) : fields ? fields(value) : value);
}

function structNaming(
  features: Record<string, unknown>,
  fieldNaming: (feature: unknown) => Naming | undefined = namingOf,
): Naming | undefined {
  const fields = Object.entries(features).flatMap(([key, feature]): [string, Naming][] => {
    const naming = fieldNaming(feature);
    return naming ? [[key, naming]] : [];
  });
  if (fields.length === 0) return undefined;
  return (value) => {
    if (!isObject(value)) return value;
    const named = fields.filter(([key]) => Object.hasOwn(value, key));
    return { ...value, ...Object.fromEntries(named.map(([key, naming]) => [key, naming(value[key])])) };
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
