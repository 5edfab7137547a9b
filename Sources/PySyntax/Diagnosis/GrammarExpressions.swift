/// The grammar of Python 3.11 as the error pass walks it: expressions and targets.
extension GrammarText {
  static let expressions: StaticString = #"""
    expressions = a:expression b:(',' c:expression => c)+ ','? => Tuple a b | a:expression ',' => Tuple a | expression
    expression # = bad_expression
      | bad_print
      | either 'if' either 'else' expression => IfExp
      | either
      | lambda
    yield_expr = 'yield' 'from' expression => Yield | 'yield' values? => Yield
    values = a:value_or_star b:(',' c:value_or_star => c)+ ','? => Tuple a b
      | a:value_or_star ',' => Tuple a
      | value_or_star
    value_or_star # = '*' a:bit_or => Starred a | expression
    items = a:','.item+ ','? => a
    item = '*' a:bit_or => Starred a | condition
    walrus = ^8 "Assignment expressions are" NAME ':=' ~ expression => NamedExpr
    condition = walrus | bad_condition | a:expression !':=' => a

    either # = both ('or' both)+ => BoolOp | both
    both # = negation ('and' negation)+ => BoolOp | negation
    negation # = 'not' negation => UnaryOp | comparisons
    comparisons = a:bit_or b:comparison_step+ => Compare a b | bit_or
    comparison_step = eq_pair | ne_pair | le_pair | lt_pair | ge_pair | gt_pair | not_in_pair | in_pair | is_not_pair | is_pair
    eq_pair = '==' bit_or
    ne_pair = (a:'!=' => call inequality a) bit_or
    le_pair = '<=' bit_or
    lt_pair = '<' bit_or
    ge_pair = '>=' bit_or
    gt_pair = '>' bit_or
    not_in_pair = 'not' 'in' bit_or
    in_pair = 'in' bit_or => InPair
    is_not_pair = 'is' 'not' bit_or
    is_pair = 'is' bit_or
    bit_or @ = bit_or '|' bit_xor => BinOp | bit_xor
    bit_xor @ = bit_xor '^' bit_and => BinOp | bit_and
    bit_and @ = bit_and '&' shift => BinOp | shift
    shift @ = shift '<<' sum => BinOp | shift '>>' sum => BinOp | sum
    sum @ = sum '+' term => BinOp | sum '-' term => BinOp | term
    term @ = term '*' factor => BinOp | term '/' factor => BinOp | term '//' factor => BinOp | term '%' factor => BinOp
      | ^5 "The '@' operator is" term '@' factor => BinOp | factor
    factor # = '+' factor => UnaryOp | '-' factor => UnaryOp | '~' factor => UnaryOp | power
    power = awaited '**' factor => BinOp | awaited
    awaited # = ^5 "Await expressions are" 'await' primary => Await | primary
    primary @ = primary '.' NAME => Attribute
      | primary generator => Call
      | primary '(' call_arguments? ')' => Call
      | primary '[' slices ']' => Subscript
      | atom
    slices = a:slice !',' => a | a:','.(slice | unpacked)+ ','? => Tuple a
    slice = expression? ':' expression? (':' expression?)? => Slice | condition
    atom = NAME | 'True' => True | 'False' => False | 'None' => None | &STRING strings | NUMBER
      | &'(' (tuple | group | generator) | &'[' (list | list_comprehension) | &'{' (dict | set | dict_comprehension | set_comprehension) | '...' => Ellipsis
    group = '(' a:(yield_expr | condition) ')' => a | bad_group
    lambda = 'lambda' lambda_params? ':' expression => Lambda
    lambda_params = bad_lambda_params | lambda_parameters
    lambda_parameters = ^8 "Positional-only parameters are" lambda_before_slash lambda_bare* lambda_filled* lambda_after_star?
      | ^8 "Positional-only parameters are" lambda_before_slash_filled lambda_filled* lambda_after_star?
      | lambda_bare+ lambda_filled* lambda_after_star?
      | lambda_filled+ lambda_after_star?
      | lambda_after_star
    lambda_before_slash = lambda_bare+ '/' ',' | lambda_bare+ '/' &':'
    lambda_before_slash_filled = lambda_bare* lambda_filled+ '/' ',' | lambda_bare* lambda_filled+ '/' &':'
    lambda_after_star = bad_lambda_after_star
      | '*' lambda_bare lambda_any* lambda_keyword_rest?
      | '*' ',' lambda_any+ lambda_keyword_rest?
      | lambda_keyword_rest
    lambda_keyword_rest = bad_lambda_keyword_rest | '**' lambda_bare
    lambda_bare = a:lambda_param ',' => a | a:lambda_param &':' => a
    lambda_filled = lambda_param default ',' | lambda_param default &':'
    lambda_any = lambda_param default? ',' | lambda_param default? &':'
    lambda_param = NAME

    strings # = a:STRING+ => call strings a
    list = '[' a:items? ']' => List a
    tuple = '(' a:(b:item ',' c:items? => seq b c)? ')' => Tuple a
    set = '{' items '}' => Set
    dict = '{' entries? '}' => Dict | '{' bad_entries '}'
    entries = ','.entry_or_rest+ ','?
    entry_or_rest = '**' bit_or | entry
    entry = expression ':' expression
    clauses = a:clause+ => a
    clause = ^6 "Async comprehensions are" 'async' 'for' places 'in' ~ b:either c:('if' z:either => z)* => seq b c
      | 'for' places 'in' ~ b:either c:('if' z:either => z)* => seq b c
      | bad_for_target
    list_comprehension = '[' condition clauses ']' => ListComp | bad_comprehension
    set_comprehension = '{' condition clauses '}' => SetComp | bad_comprehension
    generator = '(' (walrus | a:expression !':=' => a) clauses ')' => GeneratorExp | bad_comprehension
    dict_comprehension = '{' entry clauses '}' => DictComp | bad_dict_comprehension

    call_arguments # = a:args ','? &')' => a | bad_call
    args = a:','.(unpacked | b:(walrus | c:expression !':=' => c) !'=' => b)+ b:(',' k:named_args => k)? => args a b
      | a:named_args => args a
    named_args = a:','.named_or_star+ ',' b:','.named_or_double_star+ => seq a b
      | ','.named_or_star+
      | ','.named_or_double_star+
    unpacked = '*' a:expression => Starred a
    named_or_star = bad_named_argument | NAME '=' expression => Keyword | unpacked
    named_or_double_star = bad_named_argument | NAME '=' expression => Keyword | '**' expression => DoubleStarred

    places = a:place !',' => a | a:place b:(',' c:place => c)* ','? => Tuple a b
    list_places = ','.place+ ','?
    tuple_places = place (',' place)+ ','? | place ','
    place # = '*' (!'*' place) => Starred | plain_place
    plain_place # = owner '.' NAME !goes_on => Attribute | owner '[' slices ']' !goes_on => Subscript
      | place_atom
    place_atom = NAME | '(' plain_place ')' | '(' tuple_places? ')' | '[' list_places? ']'
    one_place = member_place | NAME | '(' one_place ')'
    member_place = owner '.' NAME !goes_on | owner '[' slices ']' !goes_on
    owner @ = owner '.' NAME &goes_on
      | owner '[' slices ']' &goes_on
      | owner generator &goes_on
      | owner '(' call_arguments? ')' &goes_on
      | atom &goes_on
    goes_on = '(' | '[' | '.'
    doomed = ','.doomed_one+ ','?
    doomed_one # = owner '.' NAME !goes_on | owner '[' slices ']' !goes_on | doomed_atom
    doomed_atom = NAME | '(' doomed_one ')' | '(' doomed? ')' | '[' doomed? ']'
    """#
}
