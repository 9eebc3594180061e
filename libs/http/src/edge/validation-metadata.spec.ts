import 'reflect-metadata';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { getMetadataStorage, IsOptional, ValidateBy } from 'class-validator';
import { keepValidationMetadata } from './validation-metadata.js';

const isText = { name: 'text', validator: { validate: (value: unknown) => typeof value === 'string' } };

class Small {
  @ValidateBy(isText)
  name!: string;
  @IsOptional()
  @ValidateBy(isText)
  note?: string;
}
class Other {
  @ValidateBy(isText)
  other!: string;
}

let asked: string[];
let storage: Parameters<typeof keepValidationMetadata>[0];

beforeEach(() => {
  asked = [];
  const library = getMetadataStorage();
  storage = {
    getTargetValidationMetadatas: (...of) => {
      asked.push('find');
      return library.getTargetValidationMetadatas(...of);
    },
    groupByPropertyName: (found) => {
      asked.push('group');
      return library.groupByPropertyName(found);
    },
  };
  keepValidationMetadata(storage);
});

const rulesOf = (type: new () => object) => storage.getTargetValidationMetadatas(type, '', false, false);

describe('the rules of a class', () => {
  it('are looked up once, and are the library’s', () => {
    const library = getMetadataStorage();
    for (let turn = 0; turn < 3; turn += 1)
      for (const type of [Small, Other])
        expect(storage.groupByPropertyName(rulesOf(type))).toEqual(
          library.groupByPropertyName(library.getTargetValidationMetadatas(type, '', false, false)),
        );
    expect(asked).toEqual(['find', 'group', 'find', 'group']);
  });

  it('are looked up again where only some of them are wanted', () => {
    for (let turn = 0; turn < 2; turn += 1) storage.getTargetValidationMetadatas(Small, '', false, false, ['some']);
    expect(asked).toEqual(['find', 'find']);
  });
});
