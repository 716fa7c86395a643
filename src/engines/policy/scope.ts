import type { ScopeAst, UidAst } from './ast.ts'
import { isAmong } from './compile/entity.ts'
import type { Env } from './env.ts'
import { EntityRef, isOdd, type Outcome, UNKNOWN, type UnknownEntity } from './values.ts'

/** Whether a principal or a resource is one that a policy is about. Never an error. */
export type ScopeTest = (entity: EntityRef | UnknownEntity, env: Env) => boolean | typeof UNKNOWN

export function scopeTest(ast: ScopeAst): ScopeTest {
  const isType = (entity: EntityRef | UnknownEntity) => entity.type === ast.entity_type
  switch (ast.op) {
    case 'All':
      return () => true
    case '==':
      return equals(refOf(ast.entity as UidAst))
    case 'in':
      return within(targetsOf(ast))
    case 'is': {
      if (ast.in === undefined) return isType
      const inside = within([refOf(ast.in.entity)])
      return (entity, env) => isType(entity) && inside(entity, env)
    }
  }
}

function equals(ref: EntityRef): ScopeTest {
  return (entity) => {
    if (entity instanceof EntityRef) return entity.key === ref.key
    return entity.type === ref.type && entity.of.couldBe(ref.id) ? UNKNOWN : false
  }
}

function within(targets: readonly EntityRef[]): ScopeTest {
  return (entity, env) => known(isAmong(entity, targets, env))
}

function known(outcome: Outcome): boolean | typeof UNKNOWN {
  return isOdd(outcome) ? UNKNOWN : outcome === true
}

export function targetsOf({ entity, entities = [] }: ScopeAst): EntityRef[] {
  return (entity === undefined ? entities : [entity]).map(refOf)
}

export function refOf(uid: UidAst | { readonly __entity: UidAst }): EntityRef {
  const { type, id } = '__entity' in uid ? uid.__entity : uid
  return new EntityRef(type, id)
}
